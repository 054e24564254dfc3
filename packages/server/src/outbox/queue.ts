// The rows of the outbox. A claim is a lease: it names an attempt and says until when nobody else tries.
import { Database, type OrganisationId, orStorageFailure } from "@fluxcybers/core"
import { DateTime, Effect } from "effect"
import { rowDecoder } from "../data/rows.ts"
import { type MessageId, MessageRow } from "./tables.ts"

const LIST_MAX = 200

const messageRows = rowDecoder(MessageRow)

const inMs = (ms: number) => Effect.map(DateTime.now, (now) => DateTime.formatIso(DateTime.addDuration(now, ms)))

/** Call it inside the transaction that makes the messages necessary. */
export const insertMessage = Effect.fnUntraced(function* (row: MessageRow) {
  const { sql } = yield* Database
  yield* sql`INSERT INTO server_outbox ${sql.insert(row)}`
}, orStorageFailure)

/** Takes what is due for an attempt. Two nodes never take the same one: on PostgreSQL rows are skipped that another one is taking. */
export const claimDue = Effect.fnUntraced(function* (attempt: {
  readonly claim: string
  readonly leaseMs: number
  readonly limit: number
}) {
  const { sql, dialect } = yield* Database
  // So that a look at an outbox without anything due writes nothing.
  const due = yield* orStorageFailure(
    sql`SELECT id FROM server_outbox WHERE state = 'waiting' AND next_at <= ${yield* inMs(0)} LIMIT 1`
  )
  if (due.length === 0) return []
  const skipping = dialect === "postgres" ? sql.literal("FOR UPDATE SKIP LOCKED") : sql.literal("")
  return yield* messageRows(sql`UPDATE server_outbox
    SET claim = ${attempt.claim}, attempts = attempts + 1, next_at = ${yield* inMs(attempt.leaseMs)}
    WHERE id IN (SELECT id FROM server_outbox WHERE state = 'waiting' AND next_at <= ${yield* inMs(0)}
      ORDER BY next_at LIMIT ${attempt.limit} ${skipping}) AND state = 'waiting' RETURNING *`)
})

/** Ends an attempt; false when it had been given up for lost and another one has begun. */
export const endAttempt = Effect.fnUntraced(function* (
  { id, claim }: Pick<MessageRow, "id" | "claim">,
  ending:
    | { readonly state: "sent" }
    | { readonly state: "dead"; readonly failure: string }
    | { readonly state: "waiting"; readonly failure: string; readonly againInMs: number }
) {
  const { sql } = yield* Database
  const now = yield* inMs(0)
  const changes =
    ending.state === "waiting"
      ? { claim: null, failure: ending.failure, next_at: yield* inMs(ending.againInMs) }
      : ending.state === "sent"
        ? { claim: null, failure: null, state: "sent", settled_at: now, body: null }
        : { claim: null, failure: ending.failure, state: "dead", settled_at: now }
  const rows = yield* orStorageFailure(sql`UPDATE server_outbox SET ${sql.update(changes)}
    WHERE id = ${id} AND claim = ${claim} AND state = 'waiting' RETURNING id`)
  return rows.length === 1
})

/** Newest first, at most 200. */
export const listDead = Effect.fnUntraced(function* (organisation: OrganisationId) {
  const { sql } = yield* Database
  return yield* messageRows(sql`SELECT * FROM server_outbox
    WHERE organisation = ${organisation} AND state = 'dead' ORDER BY id DESC LIMIT ${LIST_MAX}`)
})

/** Lets a dead message be tried again from the beginning; `undefined` when there is no such one. */
export const revive = Effect.fnUntraced(function* (organisation: OrganisationId, id: MessageId) {
  const { sql } = yield* Database
  const changes = { state: "waiting", attempts: 0, settled_at: null, next_at: yield* inMs(0) }
  const rows = yield* messageRows(sql`UPDATE server_outbox SET ${sql.update(changes)}
    WHERE organisation = ${organisation} AND id = ${id} AND state = 'dead' RETURNING *`)
  return rows[0]
})

/** What has ended so long ago. */
export const purgeSettled = Effect.fnUntraced(function* (days: number) {
  const { sql } = yield* Database
  const before = DateTime.formatIso(DateTime.subtract(yield* DateTime.now, { days }))
  yield* sql`DELETE FROM server_outbox WHERE settled_at < ${before}`
}, orStorageFailure)
/** What has not left for a destination that is gone. Call it inside a transaction. */
export const dropMessages = Effect.fnUntraced(function* (destination: string) {
  const { sql } = yield* Database
  yield* sql`DELETE FROM server_outbox WHERE destination = ${destination} AND state <> 'sent'`
}, orStorageFailure)
