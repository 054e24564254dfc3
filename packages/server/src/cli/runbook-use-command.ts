// `runbook use`: fills a runbook in, proposes what comes of it, and follows it as `run` does.
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { connect } from "./api.ts"
import { fleetFlags, fleetOf } from "./fleet-flags.ts"
import { followProposal, proposeOnce } from "./follow-proposal.ts"
import { present, repeated } from "./parameters.ts"
import { pairs } from "./proposal.ts"
import { justification, justificationFlags, targetsFlag, watchFlags } from "./run-flags.ts"
import { runbookName } from "./runbook-arguments.ts"

export const setFlag = Flag.String("set").pipe(
  Flag.withMetavar("NAME=VALUE"),
  Flag.withDescription("The value of a parameter; give it again for more"),
  repeated
)

export const versionFlag = Flag.Int("at-version").pipe(
  Flag.withMetavar("VERSION"),
  Flag.withDescription("This version instead of the newest"),
  Flag.optional
)

export const runbookUse = Command.make(
  "use",
  {
    name: runbookName,
    set: setFlag,
    version: versionFlag,
    targets: targetsFlag,
    ...fleetFlags,
    ...justificationFlags,
    ...watchFlags
  },
  Effect.fnUntraced(function* ({ name, set, version, detach, raw, quiet, ...flags }) {
    const parameters = yield* pairs("--set", set)
    const { targets, ...rollout } = fleetOf(flags)
    const payload = {
      parameters,
      ...present({ version: Option.getOrUndefined(version) }),
      ...(targets.length === 0 ? {} : { targets }),
      ...rollout,
      ...justification(flags)
    }
    const api = yield* connect
    const params = { runbook: name }
    const execution = yield* proposeOnce((headers) =>
      api((client) => client.runbooks.use({ params, headers, payload }))
    )
    return yield* followProposal({ api, execution, detach, raw, quiet })
  })
).pipe(
  Command.withDescription(
    "Fill a runbook in, show exactly what would run, wait for approval, stream its output, and exit with its status"
  ),
  Command.withShortDescription("Propose what a runbook says with these values, and follow it"),
  Command.withExamples([
    { command: "fluxcybers runbook use restart-unit --set unit=nginx -t web-1" },
    { command: "fluxcybers runbook use restart-unit --set unit=nginx --on tag:web+eu --canary 1 --reason 'new config'" }
  ])
)
