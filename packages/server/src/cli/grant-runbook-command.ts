// `grant runbook`: one use of a runbook, approved in advance, again and again.
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { connect } from "./api.ts"
import { onFlag } from "./fleet-flags.ts"
import { grantText } from "./grant-text.ts"
import { answer } from "./output.ts"
import { durationFlag, present } from "./parameters.ts"
import { pairs } from "./proposal.ts"
import { targetsFlag } from "./run-flags.ts"
import { runbookName } from "./runbook-arguments.ts"
import { setFlag, versionFlag } from "./runbook-use-command.ts"

export const grantRunbook = Command.make(
  "runbook",
  {
    name: runbookName,
    set: setFlag,
    version: versionFlag,
    targets: targetsFlag,
    on: onFlag,
    uses: Flag.Int("uses").pipe(Flag.withMetavar("N"), Flag.withDescription("So many executions at most, 1 to 10000")),
    for: durationFlag("for").pipe(Flag.withDescription("How long it lasts: 1m to 90d"))
  },
  Effect.fnUntraced(function* ({ name, set, version, targets: named, on, uses, for: expiresInMs }) {
    const targets = [...named, ...on]
    const payload = {
      runbook: name,
      parameters: yield* pairs("--set", set),
      ...present({ version: Option.getOrUndefined(version) }),
      ...(targets.length === 0 ? {} : { targets }),
      ...{ usesMax: uses, expiresInMs, repeat: true }
    }
    const api = yield* connect
    const grant = yield* api((client) => client.grants.requestRunbook({ payload }))
    yield* answer(grant, () => grantText(grant))
  })
).pipe(
  Command.withDescription(
    "Ask for one use of a runbook, with these values on these targets, again and again: what a schedule needs. Only you can use it; people decide on it once."
  ),
  Command.withShortDescription("Ask for a use of a runbook in advance, again and again"),
  Command.withExamples([{ command: "fluxcybers grant runbook disk-report --set folder=/var --uses 30 --for 30d" }])
)
