// Using a bounded grant: found when something is proposed, used up in the transaction that stores the proposal.
import {
  type Actor,
  AuditLog,
  actorName,
  type BoundedGrantId,
  type ExecutionId,
  type OrganisationId
} from "@fluxcybers/core"
import { Effect, Schema } from "effect"
import { isApproved } from "../decision.ts"
import type { PlanDraft } from "../executor.ts"
import { instant } from "../instant.ts"
import type { Plan } from "../plan.ts"
import type { Requirement } from "../rules.ts"
import {
  boundedDecisions,
  countUse,
  findBoundedGrant,
  freeCells,
  type StoredBoundedGrant,
  takeCells,
  usableBoundedGrants
} from "../store/bounded-grants.ts"
import { cellsOf, isWithinWindow } from "./cover.ts"
import { openScope } from "./open-scope.ts"
import type { BoundedScope } from "./scope.ts"

/** A grant that covers a proposal, and what of it would be used up. */
export interface Cover {
  readonly grant: StoredBoundedGrant
  /** Empty for a window. */
  readonly cells: ReadonlyArray<string>
}

/** Somebody else used it up, or revoked it, between finding and using it. */
export class CoverGone extends Schema.TaggedError<CoverGone>()("CoverGone", {}) {}

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
  const { organisation, actor, draft, requirement, ruleSet } = covered
  if (draft.stdin !== undefined) return undefined
  for (const grant of yield* usableBoundedGrants(organisation, actorName(actor))) {
    if (grant.rule_set !== ruleSet) continue
    const decisions = yield* boundedDecisions(grant.id)
    if (!isApproved({ requirement, requester: actor, decisions })) continue
    const scope = yield* openScope(grant)
    const cells = yield* coveredCells(grant, scope, covered)
    if (cells !== undefined) return { grant, cells } satisfies Cover
  }
  return undefined
})

/** What of the grant would be used up; `undefined` when it does not cover this. What is repeated uses nothing up but one use. */
const coveredCells = Effect.fnUntraced(function* (
  { id }: StoredBoundedGrant,
  scope: BoundedScope,
  { plan, draft }: Pick<Covered, "plan" | "draft">
) {
  if (scope.kind === "reads") return isWithinWindow(scope, plan) ? [] : undefined
  const cells = cellsOf(plan, draft)
  if ((yield* freeCells(id, cells)) !== cells.length) return undefined
  return scope.kind === "commands" ? cells : []
})

/** This very grant, or why it does not cover the plan: for what runs only under it. */
export const coverUnder = Effect.fnUntraced(function* (id: BoundedGrantId, covered: Covered) {
  const { organisation, actor, requirement, ruleSet } = covered
  const grant = yield* findBoundedGrant(organisation, id)
  if (grant === undefined || grant.requester_name !== actorName(actor)) return yield* uncovered("is not there")
  const unusable = unusableText(grant, yield* instant())
  if (unusable !== undefined) return yield* uncovered(unusable)
  if (grant.rule_set !== ruleSet) return yield* uncovered("was decided under other rules")
  const decisions = yield* boundedDecisions(id)
  if (!isApproved({ requirement, requester: actor, decisions })) {
    return yield* uncovered(`has not the decisions that the rules want (${requirement.rule})`)
  }
  const cells =
    covered.draft.stdin === undefined ? yield* coveredCells(grant, yield* openScope(grant), covered) : undefined
  return cells === undefined ? yield* uncovered(OTHER_PLAN) : ({ grant, cells } satisfies Cover)
})

/** The grant that something must run under does not cover it. */
export class Uncovered extends Schema.TaggedError<Uncovered>()("Uncovered", { why: Schema.String }) {}

const uncovered = (why: string) => new Uncovered({ why: `the bounded grant ${why}` })

const OTHER_PLAN =
  "does not allow this: a target, a secret's version, the runbook's version or a value is another one than was granted, or it was used up"

const unusableText = ({ state, uses, uses_max, expires_at }: StoredBoundedGrant, now: string): string | undefined => {
  if (state === "pending") return "waits for its decision"
  if (state !== "active") return `is ${state}`
  if (expires_at <= now) return `has expired (${expires_at})`
  return uses >= uses_max ? `is used up (${uses} uses)` : undefined
}

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
