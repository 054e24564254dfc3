// Using a bounded grant: found when something is proposed, used up in the transaction that stores the proposal.
import { type Actor, AuditLog, actorName, type ExecutionId, type OrganisationId } from "@fluxcybers/core"
import { Effect, Schema } from "effect"
import { isApproved } from "../decision.ts"
import type { PlanDraft } from "../executor.ts"
import type { Plan } from "../plan.ts"
import type { Requirement } from "../rules.ts"
import {
  boundedDecisions,
  countUse,
  freeCells,
  type StoredBoundedGrant,
  takeCells,
  usableBoundedGrants
} from "../store/bounded-grants.ts"
import { cellsOf, isWithinWindow } from "./cover.ts"
import { openScope } from "./open-scope.ts"

/** A grant that covers a proposal, and what of it would be used up. */
export interface Cover {
  readonly grant: StoredBoundedGrant
  /** Empty for a window. */
  readonly cells: ReadonlyArray<string>
}

/** Somebody else used it up, or revoked it, between finding and using it. */
class CoverGone extends Schema.TaggedError<CoverGone>()("CoverGone", {}) {}

interface Covered {
  readonly organisation: OrganisationId
  readonly actor: Actor
  readonly plan: Plan
  readonly draft: PlanDraft
  readonly requirement: Requirement
  /** The digest of the rules in force: a grant that was decided under others covers nothing. */
  readonly ruleSet: string
}

/** The oldest grant of the requester whose deciders satisfy what the rules require of this very proposal. */
export const findCover = Effect.fnUntraced(function* (covered: Covered) {
  const { organisation, actor, plan, draft, requirement, ruleSet } = covered
  if (draft.stdin !== undefined) return undefined
  for (const grant of yield* usableBoundedGrants(organisation, actorName(actor))) {
    if (grant.rule_set !== ruleSet) continue
    const decisions = yield* boundedDecisions(grant.id)
    if (!isApproved({ requirement, requester: actor, decisions })) continue
    const scope = yield* openScope(grant)
    if (isWithinWindow(scope, plan)) return { grant, cells: [] } satisfies Cover
    const cells = cellsOf(plan, draft)
    if (scope.kind === "commands" && (yield* freeCells(grant.id, cells)) === cells.length)
      return { grant, cells } satisfies Cover
  }
  return undefined
})

/** Call it inside the transaction that stores the execution: it fails when anything of it is used up, and then nothing is stored. */
export const useCover = Effect.fnUntraced(function* ({ grant, cells }: Cover, execution: ExecutionId) {
  if (!(yield* countUse(grant.id))) return yield* new CoverGone()
  if (cells.length > 0 && (yield* takeCells(grant.id, cells, execution)) !== cells.length) return yield* new CoverGone()
  yield* (yield* AuditLog).record({
    organisation: grant.organisation,
    actor: grant.requester,
    action: "bounded-grant.used",
    object: grant.id,
    outcome: "success",
    facts: { digest: grant.digest, execution, uses: grant.uses + 1 }
  })
})
