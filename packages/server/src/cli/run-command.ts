// `run`: proposes a command, shows exactly what would run, waits for who must agree, streams it, and exits with its status.
import { Effect } from "effect"
import { Command } from "effect/cli"
import { connect } from "./api.ts"
import { fleetOf } from "./fleet-flags.ts"
import { followProposal, proposeOnce } from "./follow-proposal.ts"
import { Usage } from "./help-page.ts"
import { proposedInput } from "./proposal.ts"
import { justification, runFlags } from "./run-flags.ts"

export const run = Command.make(
  "run",
  runFlags,
  Effect.fnUntraced(function* ({ executor, reason, ticket, breakGlass, detach, raw, quiet, ...proposal }) {
    const input = yield* proposedInput(proposal)
    const api = yield* connect
    const fleet = fleetOf(proposal)
    const payload = { executor, input, ...fleet, ...justification({ reason, ticket, breakGlass }) }
    const execution = yield* proposeOnce((headers) => api((client) => client.executions.propose({ headers, payload })))
    return yield* followProposal({ api, execution, detach, raw, quiet })
  })
).pipe(
  Command.withDescription(
    "Propose a command, show exactly what would run, wait for approval, stream its output, and exit with its status"
  ),
  Command.withShortDescription("Propose a command, wait for approval, stream its output, exit with its status"),
  Command.annotate(Usage, "fluxcybers run -t TARGET [--on tag:TAG...] [flags] -- COMMAND [ARGUMENT...]"),
  Command.withExamples([
    { command: "fluxcybers run -t web-1 -- df -h" },
    { command: "fluxcybers run -t web-1 -t web-2 --timeout 5m --script deploy.sh" },
    {
      command: "fluxcybers run --on tag:web+eu --canary 2 --batch 20 --stop-after 3 -- systemctl restart nginx",
      description: "On everything with both tags: two first, and the rest only when these succeed"
    },
    { command: "fluxcybers run -t db-1 --secret-env PGPASSWORD=db/password -- pg_dump shop > shop.sql" },
    {
      command: "fluxcybers run -t web-1 --detach -- systemctl restart nginx",
      description: "Somebody approves it later"
    },
    { command: "fluxcybers run --executor acme.restart --input restart.json", description: "What a plugin does" }
  ])
)
