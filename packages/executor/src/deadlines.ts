// What happens by the passing of time alone: reviews that soon must be closed, bounded grants that soon end.
import { BoundedGrantId, Database, ExecutionId, OrganisationId, orStorageFailure } from "@fluxcybers/core"
import { DateTime, Effect, Schema } from "effect"
import type { Occurrence } from "./occurrences.ts"

/** A look finds at most so many of each kind; whatever is missing comes with a later one. */
const FOUND_MAX = 500
/** What was due so long ago was told, or nobody was there to tell it. */
const OVERDUE_DAYS_MAX = 7

/** How long before its time something counts as due soon. */
export interface LeadTime {
  readonly reviewHours: number
  readonly grantHours: number
}

/** Reviews and bounded grants of all organisations whose time comes soon, or came within the last 7 days. At most 500 of each, the earliest first. */
export const dueOccurrences = Effect.fn("dueOccurrences")(function* (lead: LeadTime) {
  const { sql } = yield* Database
  const now = yield* DateTime.now
  const since = DateTime.formatIso(DateTime.subtract(now, { days: OVERDUE_DAYS_MAX }))
  const inHours = (hours: number) => DateTime.formatIso(DateTime.add(now, { hours }))
  const reviews = yield* decodeReviews(
    yield* sql`SELECT organisation, execution AS object FROM executor_reviews
      WHERE closed_at IS NULL AND due_at > ${since} AND due_at <= ${inHours(lead.reviewHours)}
      ORDER BY due_at LIMIT ${FOUND_MAX}`
  )
  const grants = yield* decodeGrants(
    yield* sql`SELECT organisation, id AS object FROM executor_bounded_grants
      WHERE state = 'active' AND uses < uses_max AND expires_at > ${DateTime.formatIso(now)}
        AND expires_at <= ${inHours(lead.grantHours)} ORDER BY expires_at LIMIT ${FOUND_MAX}`
  )
  return [
    ...reviews.map((found): Occurrence => ({ ...found, kind: "review.due" })),
    ...grants.map((found): Occurrence => ({ ...found, kind: "grant.expiring" }))
  ]
}, orStorageFailure)

const decoder = <Id extends typeof ExecutionId | typeof BoundedGrantId>(object: Id) => {
  const decode = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ organisation: OrganisationId, object })))
  return (rows: ReadonlyArray<object>) => Effect.orDie(decode(rows))
}

const decodeReviews = decoder(ExecutionId)
const decodeGrants = decoder(BoundedGrantId)
