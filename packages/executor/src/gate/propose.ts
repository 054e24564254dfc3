// Proposing: input → plan → requirement → a stored execution that waits for people, or for nobody.
import type { Actor, OrganisationId } from "@fluxcybers/core"
import { Effect } from "effect"
import { findCover } from "../bounded/use.ts"
import { Changes } from "../changes.ts"
import { randomNonce } from "../nonce.ts"
import type { PlanRunbook, Rollout } from "../plan.ts"
import { subjectOf } from "../rules/circumstances.ts"
import { findHeader, openExecution } from "../store/execution-reads.ts"
import { assess } from "./assess.ts"
import { planProposal } from "./plan-proposal.ts"
import type { GateSettings } from "./settings.ts"
import { coveredBy, storeProposal } from "./store-proposal.ts"

/** What somebody wants to run. */
export interface Proposal {
  readonly organisation: OrganisationId
  /** Whoever asks; the caller has made sure that they may propose (`execution.propose`). */
  readonly actor: Actor
  readonly executor: string
  /** Decoded by the executor's own input schema. */
  readonly input: unknown
  /**
   * Selectors of 1 to 1,000 targets; empty for an executor that needs none. A name, an id, `tag:web`, or `tag:web+eu` for targets with both
   * tags. What they find now is what the plan names: a target that is added later is not part of it.
   */
  readonly targets: ReadonlyArray<string>
  /** In which order, and how far, it goes over several targets. */
  readonly rollout?: Rollout
  /** Why, at most 1,000 characters; kept sealed. Rules may demand it. */
  readonly reason?: string
  /** The ticket that it belongs to, at most 100 characters. Rules may demand one. */
  readonly ticket?: string
  /** Run it now, without the people whom the rules want; another person must review it later. Needs a reason, and a role that may. */
  readonly breakGlass?: boolean
}

/** Where a proposal comes from, if from anything else than whoever proposes it: only the gate itself says so. */
export interface Origin {
  readonly runbook?: PlanRunbook
}

export const propose = Effect.fn("Gate.propose")(function* (
  proposal: Proposal,
  settings: GateSettings,
  origin: Origin = {}
) {
  const { plan, draft, targets } = yield* planProposal({ ...proposal, runbook: origin.runbook }, yield* randomNonce)
  const subject = subjectOf(plan, targets)
  const { requirement, digest: ruleSet } = yield* assess(proposal, subject)
  const accepted = { proposal, plan, subject, requirement, ruleSet, stdin: draft.stdin, settings }
  const { organisation, actor } = proposal
  const cover =
    requirement._tag === "People"
      ? yield* findCover({ organisation, actor, plan, draft, requirement, ruleSet })
      : undefined
  // Whoever else used it up meanwhile: then people decide on this one.
  const id = yield* storeProposal(coveredBy(accepted, cover)).pipe(
    Effect.catchTag("CoverGone", () => storeProposal(accepted)),
    // Without a cover and without a schedule there is nothing that somebody else could have taken.
    Effect.catchTags({ CoverGone: Effect.die, FiringTaken: Effect.die })
  )
  yield* (yield* Changes).announce(id)
  return yield* openExecution((yield* findHeader(id))!)
})
