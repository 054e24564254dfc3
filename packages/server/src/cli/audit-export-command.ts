// `audit export`: a copy of the log outside of the server.
import { labelled } from "@fluxcybers/executor/view"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { connection } from "./connection.ts"
import { usageFailure } from "./failure.ts"
import { answer } from "./output.ts"

const ONE_OF_BOTH = "Say what to export: --bundle DIR for files that verify, or --format json or ocsf for lines."

export const exportLog = Command.make(
  "export",
  {
    bundle: Flag.String("bundle").pipe(
      Flag.withMetavar("DIR"),
      Flag.withDescription("Write the whole log there: checkpoint, tiles and entry bundles (c2sp.org/tlog-tiles)"),
      Flag.optional
    ),
    format: Flag.Literals("format", ["json", "ocsf"]).pipe(
      Flag.withDescription(
        "Write the organisation's entries to standard output, one JSON object a line; as OCSF events for a SIEM"
      ),
      Flag.optional
    ),
    from: Flag.Int("from").pipe(
      Flag.withMetavar("INDEX"),
      Flag.withDescription("With --format: begin with this index; one more than the last one that you have"),
      Flag.optional
    )
  },
  Effect.fnUntraced(function* ({ bundle, format, from }) {
    if (Option.isSome(bundle) === Option.isSome(format)) return yield* usageFailure(ONE_OF_BOTH)
    const to = yield* connection
    if (Option.isSome(format)) {
      const { exportLines } = yield* Effect.promise(() => import("./audit-lines.ts"))
      return yield* exportLines(to, { format: format.value, from: Option.getOrElse(from, () => 0) })
    }
    const { exportBundle } = yield* Effect.promise(() => import("./audit-bundle.ts"))
    const exported = yield* exportBundle(
      to,
      Option.getOrElse(bundle, () => "")
    )
    yield* answer(exported, () =>
      labelled([
        ["Directory", exported.directory],
        ["Entries", String(exported.size)],
        ["New files", String(exported.files)]
      ])
    )
  })
).pipe(
  Command.withDescription("Copy the log out of the server, in a form that can be verified without it"),
  Command.withExamples([
    {
      command: "fluxcybers audit export --bundle /mnt/evidence/log",
      description: "Repeat it, and only what is new is fetched"
    },
    { command: "fluxcybers audit export --format ocsf --from 1200 >> siem.jsonl" }
  ])
)
