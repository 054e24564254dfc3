// Proposing what runs only under a bounded grant: covered by it, or not proposed at all.
import type { BoundedGrantId } from "@fluxcybers/core"
import { Effect } from "effect"
import { coverUnder, Uncovered } from "../bounded/use.ts"
import { Changes } from "../changes.ts"
import { randomNonce } from "../nonce.ts"
import type { PlanRunbook } from "../plan.ts"
import { subjectOf } from "../rules/circumstances.ts"
import { assess } from "./assess.ts"
import { planProposal } from "./plan-proposal.ts"
import type { Proposal } from "./propose.ts"
import { DEFAULT_GATE_SETTINGS } from "./settings.ts"
import { coveredBy, type ScheduledFor, storeProposal } from "./store-proposal.ts"

interface Under {
  readonly runbook: PlanRunbook
  readonly grant: BoundedGrantId
  readonly schedule: ScheduledFor
}

/** Granted at once, whatever the rules ask for; `Uncovered` when the grant does not cover it, also where the rules would ask nobody. */
export const proposeUnder = Effect.fn("Gate.proposeUnder")(function* (proposal: Proposal, under: Under) {
  const { plan, draft, targets } = yield* planProposal({ ...proposal, runbook: under.runbook }, yield* randomNonce)
  const subject = subjectOf(plan, targets)
  const { requirement, digest: ruleSet } = yield* assess(proposal, subject)
  const { organisation, actor } = proposal
  const cover = yield* coverUnder(under.grant, { organisation, actor, plan, draft, requirement, ruleSet })
  const accepted = {
    proposal,
    plan,
    subject,
    requirement,
    ruleSet,
    stdin: draft.stdin,
    settings: DEFAULT_GATE_SETTINGS
  }
  const id = yield* storeProposal({ ...coveredBy(accepted, cover), schedule: under.schedule }).pipe(
    Effect.catchTag("CoverGone", () => new Uncovered({ why: "the bounded grant was used up or revoked meanwhile" }))
  )
  yield* (yield* Changes).announce(id)
  return id
})
