// Bounded grants: one decision for exact commands on exact targets, once each, or for a time in which everything that only reads may run.
import {
  type Actor,
  type AuditLog,
  BoundedGrantId,
  type Database,
  type OrganisationId,
  type SubjectCipher
} from "@fluxcybers/core"
import { Context, Effect, Layer, Schema } from "effect"
import { type BoundedDecision, decide, known, revoke } from "./bounded/decide.ts"
import { openScope } from "./bounded/open-scope.ts"
import type { BoundedGrantRefused } from "./bounded/refusal.ts"
import { type BoundedRequest, type RunbookGrantRequest, request, requestRunbook } from "./bounded/request.ts"
import { BoundedScope } from "./bounded/scope.ts"
import { Decision } from "./execution.ts"
import type { Policies } from "./policies.ts"
import type { Members, SecretSource } from "./ports.ts"
import type { Executors } from "./registry.ts"
import { Requirement } from "./rules.ts"
import type { RunbookRefused } from "./runbook/refusal.ts"
import { boundedDecisions, listBoundedGrants, type StoredBoundedGrant } from "./store/bounded-grants.ts"
import type { Targets } from "./targets.ts"

export type { BoundedDecision } from "./bounded/decide.ts"
export { BoundedGrantRefused } from "./bounded/refusal.ts"
export type { BoundedRequest, RunbookGrantRequest } from "./bounded/request.ts"
export { BoundedScope, boundedDigest } from "./bounded/scope.ts"

/** A bounded grant with everything that it allows. */
export const BoundedGrant = Schema.Struct({
  id: BoundedGrantId,
  /** `active` can be used until `scope.expiresAt`, at most `scope.usesMax` times. */
  state: Schema.Literals(["pending", "active", "rejected", "revoked"]),
  digest: Schema.String,
  scope: BoundedScope,
  /** All of them must be satisfied by the decisions. */
  requirements: Schema.Array(Requirement),
  decisions: Schema.Array(Decision),
  uses: Schema.Int,
  requestedAt: Schema.String
}).annotate({ identifier: "BoundedGrant" })
export type BoundedGrant = typeof BoundedGrant.Type

type Services = Database | AuditLog | SubjectCipher | Executors | Targets | SecretSource | Members | Policies

/**
 * The gate uses them by itself: what a requester proposes and a grant of theirs covers needs no further decision. Audit entries:
 * `bounded-grant.requested`, `.approved`, `.rejected`, `.used`, `.revoked`.
 */
export class BoundedGrants extends Context.Service<
  BoundedGrants,
  {
    request(input: BoundedRequest): Effect.Effect<BoundedGrant, BoundedGrantRefused>
    /** For one use of a runbook: what schedules need. */
    requestRunbook(input: RunbookGrantRequest): Effect.Effect<BoundedGrant, BoundedGrantRefused | RunbookRefused>
    decide(input: BoundedDecision): Effect.Effect<BoundedGrant, BoundedGrantRefused>
    revoke(input: {
      readonly organisation: OrganisationId
      readonly actor: Actor
      readonly id: BoundedGrantId
    }): Effect.Effect<BoundedGrant, BoundedGrantRefused>
    get(organisation: OrganisationId, id: BoundedGrantId): Effect.Effect<BoundedGrant, BoundedGrantRefused>
    /** Newest first: at most 200. */
    list(organisation: OrganisationId): Effect.Effect<ReadonlyArray<BoundedGrant>>
  }
>()("fluxcybers/executor/BoundedGrants") {
  static readonly layer: Layer.Layer<BoundedGrants, never, Services> = Layer.effect(
    BoundedGrants,
    Effect.map(Effect.context<Services>(), (context) => {
      const provide = Effect.provideContext(context)
      const get = (organisation: OrganisationId, id: BoundedGrantId) => Effect.flatMap(known(organisation, id), open)
      return BoundedGrants.of({
        request: (input) =>
          request(input).pipe(
            Effect.flatMap((id) => get(input.organisation, id)),
            provide
          ),
        requestRunbook: (input) =>
          requestRunbook(input).pipe(
            Effect.flatMap((id) => get(input.organisation, id)),
            provide
          ),
        decide: (input) => decide(input).pipe(Effect.andThen(get(input.organisation, input.id)), provide),
        revoke: (input) => revoke(input).pipe(Effect.andThen(get(input.organisation, input.id)), provide),
        get: (organisation, id) => get(organisation, id).pipe(provide),
        list: (organisation) => listBoundedGrants(organisation).pipe(Effect.flatMap(Effect.forEach(open)), provide)
      })
    })
  )
}

const open = Effect.fnUntraced(function* (row: StoredBoundedGrant) {
  const { id, state, digest, requirements, uses, requested_at } = row
  const scope = yield* openScope(row)
  const decisions = yield* boundedDecisions(id)
  return { id, state, digest, scope, requirements, decisions, uses, requestedAt: requested_at } satisfies BoundedGrant
})
