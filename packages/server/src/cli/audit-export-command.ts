// `audit export` and `audit bundle`: copies of the log outside of the server, for reading and for verifying.

import { labelled } from "@fluxcybers/executor/view"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { connection } from "./connection.ts"
import { answer } from "./output.ts"

export const exportLog = Command.make(
  "export",
  {
    format: Flag.Literals("format", ["json", "ocsf"]).pipe(
      Flag.withDescription("json: entries as they are, for programs; ocsf: events for a SIEM"),
      Flag.withDefault("json" as const)
    ),
    from: Flag.Int("from").pipe(
      Flag.withMetavar("INDEX"),
      Flag.withDescription("Begin with this index; one more than the last one that you have"),
      Flag.optional
    )
  },
  Effect.fnUntraced(function* ({ format, from }) {
    const to = yield* connection
    const { exportLines } = yield* Effect.promise(() => import("./audit-lines.ts"))
    return yield* exportLines(to, { format, from: Option.getOrElse(from, () => 0) })
  })
).pipe(
  Command.withDescription("Write your organisation's entries to standard output, one JSON object a line, oldest first"),
  Command.withShortDescription("Write the entries as lines, for other programs"),
  Command.withExamples([
    { command: "fluxcybers audit export > log.jsonl" },
    { command: "fluxcybers audit export --format ocsf --from 1200 >> siem.jsonl" }
  ])
)

export const bundle = Command.make(
  "bundle",
  {
    directory: Argument.String("directory").pipe(Argument.withDescription("Where to; made when it is not there")),
    aliases: Flag.String("aliases").pipe(
      Flag.withMetavar("FILE"),
      Flag.withDescription(
        "Also write what the aliases of people stand for: with it the signatures of decisions verify"
      ),
      Flag.optional
    )
  },
  Effect.fnUntraced(function* ({ directory, aliases }) {
    const to = yield* connection
    const { exportAliases, exportBundle } = yield* Effect.promise(() => import("./audit-bundle.ts"))
    // After the log: then there is an alias for everybody in it.
    const exported = yield* exportBundle(to, directory)
    if (Option.isSome(aliases)) yield* exportAliases(to, aliases.value)
    yield* answer(exported, () =>
      labelled([
        ["Directory", exported.directory],
        ["Entries", String(exported.size)],
        ["New files", String(exported.files)]
      ])
    )
  })
).pipe(
  Command.withDescription(
    "Copy the whole log into a directory: checkpoint, tiles and entry bundles (c2sp.org/tlog-tiles), which verify without the server"
  ),
  Command.withShortDescription("Copy the whole log, in a form that verifies without the server"),
  Command.withExamples([
    { command: "fluxcybers audit bundle /mnt/evidence/log", description: "Repeat it, and only what is new is fetched" },
    {
      command: "fluxcybers audit bundle /mnt/evidence/log --aliases /mnt/evidence/aliases.jsonl",
      description: "For whoever may know who decided; do not publish that file"
    }
  ])
)
