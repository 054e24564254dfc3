// `audit export`: a copy of the log outside of the server.
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { connection } from "./connection.ts"
import { answer } from "./output.ts"
import { labelled } from "./table.ts"

export const exportLog = Command.make(
  "export",
  {
    bundle: Flag.String("bundle").pipe(
      Flag.withMetavar("DIR"),
      Flag.withDescription("Write the whole log there: checkpoint, tiles and entry bundles (c2sp.org/tlog-tiles)")
    )
  },
  Effect.fnUntraced(function* ({ bundle }) {
    const { exportBundle } = yield* Effect.promise(() => import("./audit-bundle.ts"))
    const exported = yield* exportBundle(yield* connection, bundle)
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
    }
  ])
)
