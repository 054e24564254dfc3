// Bounded grants: who was granted what, and what of it is used. Every use is a compare-and-set.
import {
  type BoundedGrantId,
  Database,
  type ExecutionId,
  type OrganisationId,
  orStorageFailure,
  type PersonId
} from "@fluxcybers/core"
import { Effect, Schema } from "effect"
import { instant } from "../instant.ts"
import { BoundedDecisionRow, BoundedGrantRow } from "./rows.ts"

export type StoredBoundedGrant = typeof BoundedGrantRow.Type
type State = StoredBoundedGrant["state"]

const LIST_MAX = 200
/** Of one requester at one time: each may have to be opened. */
const ACTIVE_MAX = 50

const decode = (rows: ReadonlyArray<object>) =>
  Effect.orDie(Schema.decodeUnknownEffect(Schema.Array(BoundedGrantRow))(rows))

export const insertBoundedGrant = Effect.fnUntraced(function* (
  grant: StoredBoundedGrant,
  cells: ReadonlyArray<string>
) {
  const { sql, insertRows } = yield* Database
  yield* sql`INSERT INTO executor_bounded_grants ${sql.insert(yield* Effect.orDie(Schema.encodeEffect(BoundedGrantRow)(grant)))}`
  yield* insertRows({
    table: "executor_bounded_cells",
    columns: ["bounded_grant", "digest", "execution"],
    values: [...new Set(cells)].map((digest) => [grant.id, digest, null])
  })
}, orStorageFailure)

export const findBoundedGrant = Effect.fnUntraced(function* (organisation: OrganisationId, id: BoundedGrantId) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT * FROM executor_bounded_grants WHERE organisation = ${organisation} AND id = ${id}`
  return (yield* decode(rows))[0]
}, orStorageFailure)

/** Newest first. */
export const listBoundedGrants = Effect.fnUntraced(function* (organisation: OrganisationId) {
  const { sql } = yield* Database
  return yield* decode(
    yield* sql`SELECT * FROM executor_bounded_grants WHERE organisation = ${organisation} ORDER BY id DESC LIMIT ${LIST_MAX}`
  )
}, orStorageFailure)

/** What a requester can use now, oldest first. */
export const usableBoundedGrants = Effect.fnUntraced(function* (organisation: OrganisationId, requester: string) {
  const { sql } = yield* Database
  return yield* decode(
    yield* sql`SELECT * FROM executor_bounded_grants WHERE organisation = ${organisation} AND requester_name = ${requester}
      AND state = 'active' AND uses < uses_max AND expires_at > ${yield* instant()} ORDER BY id LIMIT ${ACTIVE_MAX}`
  )
}, orStorageFailure)

/** Which of these commands on these targets are granted and not used. */
export const freeCells = Effect.fnUntraced(function* (id: BoundedGrantId, cells: ReadonlyArray<string>) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT digest FROM executor_bounded_cells
    WHERE bounded_grant = ${id} AND execution IS NULL AND ${sql.in("digest", cells)}`
  return rows.length
}, orStorageFailure)

/** Uses it once more, if it still can be used; false otherwise. Call it inside the transaction of the proposal. */
export const countUse = Effect.fnUntraced(function* (id: BoundedGrantId) {
  const { sql } = yield* Database
  const rows = yield* sql`UPDATE executor_bounded_grants SET uses = uses + 1 WHERE id = ${id}
    AND state = 'active' AND uses < uses_max AND expires_at > ${yield* instant()} RETURNING id`
  return rows.length === 1
}, orStorageFailure)

/** Uses up these commands on these targets; how many were still there to be used. */
export const takeCells = Effect.fnUntraced(function* (
  id: BoundedGrantId,
  cells: ReadonlyArray<string>,
  execution: ExecutionId
) {
  const { sql } = yield* Database
  const rows = yield* sql`UPDATE executor_bounded_cells SET execution = ${execution}
    WHERE bounded_grant = ${id} AND execution IS NULL AND ${sql.in("digest", cells)} RETURNING digest`
  return rows.length
}, orStorageFailure)

/** False when it was in another state. */
export const moveBoundedGrant = Effect.fnUntraced(function* (id: BoundedGrantId, from: State, to: State) {
  const { sql } = yield* Database
  const rows =
    yield* sql`UPDATE executor_bounded_grants SET state = ${to} WHERE id = ${id} AND state = ${from} RETURNING id`
  return rows.length === 1
}, orStorageFailure)

/** Holds it for the rest of the transaction; `undefined` when it is gone with whoever asked for it. */
export const lockBoundedGrant = Effect.fnUntraced(function* (id: BoundedGrantId) {
  const { sql } = yield* Database
  const rows = yield* sql`UPDATE executor_bounded_grants SET uses = uses WHERE id = ${id} RETURNING *`
  return (yield* decode(rows))[0]
}, orStorageFailure)

export const insertBoundedDecision = Effect.fnUntraced(function* (decision: typeof BoundedDecisionRow.Type) {
  const { sql } = yield* Database
  const row = yield* Effect.orDie(Schema.encodeEffect(BoundedDecisionRow)(decision))
  yield* sql`INSERT INTO executor_bounded_decisions ${sql.insert(row)}`
}, orStorageFailure)

export const boundedDecisions = Effect.fnUntraced(function* (id: BoundedGrantId) {
  const { sql } = yield* Database
  const rows =
    yield* sql`SELECT * FROM executor_bounded_decisions WHERE bounded_grant = ${id} ORDER BY decided_at, person`
  const decoded = yield* Effect.orDie(Schema.decodeUnknownEffect(Schema.Array(BoundedDecisionRow))(rows))
  return decoded.map(({ bounded_grant: _, is_self_approved, decided_at, ...decision }) => ({
    ...decision,
    person: decision.person satisfies PersonId,
    isSelfApproved: is_self_approved,
    decidedAt: decided_at
  }))
}, orStorageFailure)
