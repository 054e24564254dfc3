// Reviews of what ran because somebody broke the glass.
import { Database, type ExecutionId, type OrganisationId, orStorageFailure, type PersonId } from "@fluxcybers/core"
import { Effect, Schema } from "effect"
import { instant } from "../instant.ts"
import { ReviewRow } from "./rows.ts"

export type StoredReview = typeof ReviewRow.Type

const REVIEWS_MAX = 500

const decode = (rows: ReadonlyArray<object>) => Effect.orDie(Schema.decodeUnknownEffect(Schema.Array(ReviewRow))(rows))

export const insertReview = Effect.fnUntraced(function* (review: StoredReview) {
  const { sql } = yield* Database
  const row = yield* Effect.orDie(Schema.encodeEffect(ReviewRow)(review))
  yield* sql`INSERT INTO executor_reviews ${sql.insert(row)}`
}, orStorageFailure)

export const findReview = Effect.fnUntraced(function* (execution: ExecutionId) {
  const { sql } = yield* Database
  return (yield* decode(yield* sql`SELECT * FROM executor_reviews WHERE execution = ${execution}`))[0]
}, orStorageFailure)

/** The newest: those that are open, or all of them. */
export const listReviews = Effect.fnUntraced(function* (organisation: OrganisationId, isOpen: boolean) {
  const { sql } = yield* Database
  const conditions = [sql`organisation = ${organisation}`, ...(isOpen ? [sql`closed_at IS NULL`] : [])]
  return yield* decode(
    yield* sql`SELECT * FROM executor_reviews WHERE ${sql.and(conditions)} ORDER BY execution DESC LIMIT ${REVIEWS_MAX}`
  )
}, orStorageFailure)

export const hasOverdueReview = Effect.fnUntraced(function* (organisation: OrganisationId, person: PersonId) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT execution FROM executor_reviews WHERE organisation = ${organisation}
    AND opened_by = ${person} AND closed_at IS NULL AND due_at <= ${yield* instant()} LIMIT 1`
  return rows.length > 0
}, orStorageFailure)

/** False when it is closed already. */
export const closeReview = Effect.fnUntraced(function* (closing: {
  readonly execution: ExecutionId
  readonly by: PersonId
  readonly conclusion: Uint8Array
}) {
  const { sql } = yield* Database
  const changes = { closed_by: closing.by, closed_at: yield* instant(), conclusion: closing.conclusion }
  const rows = yield* sql`UPDATE executor_reviews SET ${sql.update(changes)}
    WHERE execution = ${closing.execution} AND closed_at IS NULL RETURNING execution`
  return rows.length === 1
}, orStorageFailure)
