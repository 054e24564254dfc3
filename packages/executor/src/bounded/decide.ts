// Deciding on a bounded grant, and taking it back.
import {
  ACTIONS,
  type Actor,
  AuditLog,
  actorName,
  type BoundedGrantId,
  Database,
  type OrganisationId,
  type Role
} from "@fluxcybers/core"
import { Effect } from "effect"
import { ballotRefusal, isApproved, isSelfApproved } from "../decision.ts"
import type { Decision } from "../execution.ts"
import { instant } from "../instant.ts"
import { occurred } from "../occurrences.ts"
import { Members } from "../ports.ts"
import {
  boundedDecisions,
  findBoundedGrant,
  insertBoundedDecision,
  lockBoundedGrant,
  moveBoundedGrant,
  type StoredBoundedGrant
} from "../store/bounded-grants.ts"
import { type BoundedGrantRefused, boundedRefused as refused } from "./refusal.ts"

/** What a person says about a bounded grant. */
export interface BoundedDecision {
  readonly organisation: OrganisationId
  readonly actor: Actor
  readonly id: BoundedGrantId
  readonly verdict: "approve" | "reject"
  /** The digest of what the person saw. */
  readonly digest: string
}

export const decide = Effect.fn("BoundedGrants.decide")(function* (input: BoundedDecision) {
  if (input.actor._tag !== "Person") return yield* refused("not-a-person", "Only a person can decide.")
  const roles = yield* rolesOf(input.organisation, input.actor.person)
  const grant = yield* known(input.organisation, input.id)
  const refusal = yield* (yield* Database).transaction(cast(grant, input, roles))
  if (refusal !== undefined) return yield* refused(...refusal)
})

type Refusal = readonly [reason: BoundedGrantRefused["reason"], detail: string]

const cast = Effect.fnUntraced(function* (
  seen: StoredBoundedGrant,
  input: BoundedDecision,
  roles: ReadonlyArray<Role> | undefined
) {
  if (input.actor._tag !== "Person") return undefined
  const { person } = input.actor
  const grant = yield* lockBoundedGrant(seen.id)
  const now = yield* instant()
  if (grant?.state !== "pending" || grant.expires_at <= now) return NOT_PENDING
  if (grant.digest !== input.digest) return OTHER_DIGEST
  const decisions = yield* boundedDecisions(grant.id)
  const { requirements, requester } = grant
  const people = requirements.filter(({ _tag }) => _tag === "People")
  const refusals = people.map((requirement) =>
    ballotRefusal({ requirement, requester, decisions, person, roles, verdict: input.verdict })
  )
  if (!refusals.includes(undefined))
    return ["role", `You cannot decide on this (${refusals[0] ?? "not-pending"}).`] satisfies Refusal
  const decision = {
    person,
    verdict: input.verdict,
    isSelfApproved: isSelfApproved(requester, person),
    decidedAt: now,
    roles: roles ?? []
  }
  yield* insertBoundedDecision({
    bounded_grant: grant.id,
    person,
    verdict: decision.verdict,
    is_self_approved: decision.isSelfApproved,
    decided_at: now,
    roles: decision.roles
  })
  yield* record(grant, input.actor, input.verdict === "approve" ? "bounded-grant.approved" : "bounded-grant.rejected")
  const becomes = stateAfter(grant, [...decisions, decision])
  if (becomes === undefined) return undefined
  yield* moveBoundedGrant(grant.id, "pending", becomes)
  yield* occurred({ organisation: grant.organisation, kind: "decision.made", object: grant.id })
  return undefined
})

/** Undefined while more people must decide. */
const stateAfter = ({ requirements, requester }: StoredBoundedGrant, decisions: ReadonlyArray<Decision>) => {
  if (decisions.some(({ verdict }) => verdict === "reject")) return "rejected"
  const isEnough = requirements.every((requirement) => isApproved({ requirement, requester, decisions }))
  return isEnough ? "active" : undefined
}

const NOT_PENDING: Refusal = ["not-pending", "It no longer waits for a decision."]
const OTHER_DIGEST: Refusal = ["digest", "The digest is not that of this grant: look at it again."]

/** Whoever may use it, and whoever may cancel an execution, takes it back: what has not started will not run. */
export const revoke = Effect.fn("BoundedGrants.revoke")(function* (
  input: Pick<BoundedDecision, "organisation" | "actor" | "id">
) {
  const { organisation, actor, id } = input
  const grant = yield* known(organisation, id)
  const roles = actor._tag === "Person" ? ((yield* rolesOf(organisation, actor.person)) ?? []) : []
  const allowed: ReadonlyArray<Role> = ACTIONS["execution.cancel"].roles
  if (actorName(actor) !== grant.requester_name && !roles.some((role) => allowed.includes(role))) {
    return yield* refused("role", "Only whoever may use it, or a member with a role for it, can revoke it.")
  }
  const isRevoked = yield* (yield* Database).transaction(
    Effect.gen(function* () {
      const state = (yield* lockBoundedGrant(id))?.state
      if (state !== "active" && state !== "pending") return false
      yield* record(grant, actor, "bounded-grant.revoked")
      return yield* moveBoundedGrant(id, state, "revoked")
    })
  )
  if (!isRevoked) return yield* refused("ended", "It is revoked or rejected already.")
})

export const known = Effect.fnUntraced(function* (organisation: OrganisationId, id: BoundedGrantId) {
  return (yield* findBoundedGrant(organisation, id)) ?? (yield* refused("unknown", `There is no bounded grant ${id}.`))
})

const rolesOf = Effect.fnUntraced(function* (organisation: OrganisationId, person: string) {
  return (yield* (yield* Members).list(organisation)).find((member) => member.person === person)?.roles
})

const record = Effect.fnUntraced(function* (grant: StoredBoundedGrant, actor: Actor, action: string) {
  const { organisation, id, digest } = grant
  yield* (yield* AuditLog).record({ organisation, actor, action, object: id, outcome: "success", facts: { digest } })
})
