// `policy simulate`: what rules that are not in force would have changed.
import type { Simulation } from "@fluxcybers/executor"
import { Effect } from "effect"
import { Command } from "effect/cli"
import { connect } from "./api.ts"
import { moment } from "./moment.ts"
import { answer } from "./output.ts"
import { rulesArgument } from "./policy-test-command.ts"
import { requirementText } from "./requirement-view.ts"
import { soundRules } from "./rules-file.ts"
import { table } from "./table.ts"

export const policySimulate = Command.make(
  "simulate",
  { file: rulesArgument },
  Effect.fnUntraced(function* ({ file }) {
    const document = yield* soundRules(file)
    const api = yield* connect
    const simulation = yield* api((client) => client.policy.simulate({ payload: { document } }))
    yield* answer(simulation, () => simulationText(simulation))
  })
).pipe(
  Command.withDescription(
    "Hold rules against the executions of the last 90 days: what they would have required instead. Nothing is changed."
  ),
  Command.withShortDescription("Hold rules against the last 90 days; changes nothing"),
  Command.withExamples([{ command: "fluxcybers policy simulate rules.yaml" }])
)

/** The simulation as a person reads it. Pure. */
const simulationText = (simulation: Simulation): string =>
  [
    `${simulation.executions} executions in ${simulation.days} days: ${simulation.same} the same, ${simulation.changed} changed.\n`,
    ...Object.entries(simulation.changes).map(([kind, count]) => `  ${kind}: ${count}\n`),
    `${simulation.wouldNotHaveRun} that ran would have needed other approvals, or none could have helped.\n`,
    ...(simulation.list.length === 0
      ? []
      : [
          table(
            ["EXECUTION", "PROPOSED", "STATE", "WAS", "WOULD BE"],
            simulation.list.map(({ execution, proposedAt, state, before, after }) => [
              execution,
              moment(proposedAt),
              state,
              requirementText(before),
              requirementText(after)
            ]),
            ""
          )
        ])
  ].join("")
