// `executions`: what was proposed, what became of it, and its recording.

import { type Execution, ExecutionState } from "@fluxcybers/executor"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { connect } from "./api.ts"
import { commandText } from "./command-text.ts"
import { viewed } from "./decide.ts"
import { download } from "./download-command.ts"
import { executionView } from "./execution-view.ts"
import { moment } from "./moment.ts"
import { answer, note } from "./output.ts"
import { executionArgument, limitFlag, present } from "./parameters.ts"
import { peopleNames } from "./people.ts"
import { replay } from "./replay-command.ts"
import { settle } from "./settle-command.ts"
import { table } from "./table.ts"

/** A list is for finding; what is decided on is shown whole by `show` and `approve`. */
const COMMAND_COLUMNS_MAX = 48

const list = Command.make(
  "list",
  {
    state: Flag.Literals("state", ExecutionState.literals).pipe(
      Flag.withDescription("Only those in this state"),
      Flag.optional
    ),
    before: Flag.String("before").pipe(
      Flag.withMetavar("ID"),
      Flag.withDescription("Only older ones: the id that the last page ended with"),
      Flag.optional
    ),
    limit: limitFlag
  },
  Effect.fnUntraced(function* ({ state, before, limit }) {
    const api = yield* connect
    const query = present({
      state: Option.getOrUndefined(state),
      before: Option.getOrUndefined(before) as Execution["id"] | undefined,
      limit: Option.getOrUndefined(limit)
    })
    const page = yield* api((client) => client.executions.list({ query }))
    yield* answer(page, () =>
      table(["ID", "STATE", "PROPOSED", "WHERE", "WHAT"], page.items.map(row), "There are no executions.")
    )
    if (page.next !== undefined) yield* note(`There are more: --before ${page.next}`)
  })
).pipe(
  Command.withDescription("List executions, newest first"),
  Command.withExamples([
    { command: "fluxcybers executions list --state pending", description: "What waits for approval" },
    { command: "fluxcybers executions list --limit 10" }
  ])
)

const show = Command.make(
  "show",
  { id: executionArgument },
  Effect.fnUntraced(function* ({ id }) {
    const api = yield* connect
    const shown = yield* viewed(api, id)
    const names = yield* peopleNames(api)
    yield* answer(shown.execution, () => executionView(shown, { names, columns: process.stdout.columns }))
  })
).pipe(
  Command.withDescription("Show an execution: its whole plan, decisions, runs and outcome"),
  Command.withExamples([{ command: "fluxcybers executions show exec_01…" }])
)

export const executions = Command.make("executions").pipe(
  Command.withDescription("What was proposed and what became of it: list, show, replay, settle, download"),
  Command.withSubcommands([list, show, replay, settle, download])
)

const row = ({ id, state, proposedAt, plan, requirement }: Execution): ReadonlyArray<string> => {
  const command = commandText(plan.command, () => "(script)")
  const short = command.length > COMMAND_COLUMNS_MAX ? `${command.slice(0, COMMAND_COLUMNS_MAX - 3)}...` : command
  const where = plan.targets.map(({ name }) => name).join(" ")
  const said = requirement._tag === "BreakGlass" ? `${state}, GLASS BROKEN` : state
  return [id, said, moment(proposedAt), where === "" ? "server" : where, short]
}
