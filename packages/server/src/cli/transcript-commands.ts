// `transcript`: what runs wrote, over all executions.
import { labelled } from "@fluxcybers/executor/view"
import { Effect } from "effect"
import { Command } from "effect/cli"
import { connect } from "./api.ts"
import { moment } from "./moment.ts"
import { answer } from "./output.ts"
import { dryRunFlag, yesFlag } from "./parameters.ts"
import { confirmed } from "./questions.ts"

const purge = Command.make(
  "purge",
  { dryRun: dryRunFlag("Only say what is past its period"), yes: yesFlag("Purge without asking") },
  Effect.fnUntraced(function* ({ dryRun, yes }) {
    const api = yield* connect
    const { days, due } = yield* api((client) => client.transcripts.retention())
    if (!dryRun && !yes && due.executions > 0) {
      yield* confirmed(`Purge the transcripts of ${due.executions} executions that ended more than ${days} days ago?`)
    }
    const purged = yield* api((client) => client.transcripts.purge({ payload: { dryRun } }))
    yield* answer({ days, ...purged }, () =>
      labelled([
        ["Kept for", `${days} days: of executions that ended from ${moment(purged.before)} on`],
        [dryRun ? "Would go" : "Went", `${purged.executions} transcripts`],
        ["Held back", purged.held === 0 ? undefined : `${purged.held} transcripts`]
      ])
    )
  })
).pipe(
  Command.withDescription(
    "Purge the transcripts that are past their period, as the server does by itself; executions, decisions and outcomes are kept"
  ),
  Command.withShortDescription("Purge transcripts that are past their period"),
  Command.withExamples([{ command: "fluxcybers transcript purge --dry-run" }])
)

export const transcripts = Command.make("transcript").pipe(
  Command.withDescription("What runs wrote, over all executions: purge"),
  Command.withSubcommands([purge])
)
