// The rows of subscriptions, occurrences and settings.
import { Database, type OrganisationId, orStorageFailure, type PersonId } from "@fluxcybers/core"
import type { Occurrence } from "@fluxcybers/executor"
import { DateTime, Effect, Schema } from "effect"
import { rowDecoder } from "../data/rows.ts"
import { NotificationSettingsRow, OccurrenceRow, type SubscriptionId, SubscriptionRow } from "./tables.ts"

const OPEN_MAX = 50

const subscriptionRows = rowDecoder(SubscriptionRow)
const occurrenceRows = rowDecoder(OccurrenceRow)
const settingsRows = rowDecoder(NotificationSettingsRow)

const now = Effect.map(DateTime.now, DateTime.formatIso)

export const insertSubscription = Effect.fnUntraced(function* (row: SubscriptionRow) {
  const { sql } = yield* Database
  const encoded = yield* Effect.orDie(Schema.encodeEffect(SubscriptionRow)(row))
  yield* sql`INSERT INTO server_subscriptions ${sql.insert(encoded)}`
}, orStorageFailure)

export const subscriptionsOf = Effect.fnUntraced(function* (organisation: OrganisationId) {
  const { sql } = yield* Database
  return yield* subscriptionRows(
    sql`SELECT * FROM server_subscriptions WHERE organisation = ${organisation} ORDER BY id`
  )
})

export const findSubscription = Effect.fnUntraced(function* (organisation: OrganisationId, id: string) {
  return (yield* subscriptionsOf(organisation)).find((row) => row.id === id)
})

export const deleteSubscription = Effect.fnUntraced(function* (id: SubscriptionId) {
  const { sql } = yield* Database
  yield* sql`DELETE FROM server_subscriptions WHERE id = ${id}`
}, orStorageFailure)

export const updateDetails = Effect.fnUntraced(function* (id: SubscriptionId, details: Uint8Array) {
  const { sql } = yield* Database
  yield* sql`UPDATE server_subscriptions SET details = ${details} WHERE id = ${id}`
}, orStorageFailure)

/** Where nobody wants to be told of anything, nothing is written. */
export const insertOccurrence = Effect.fnUntraced(function* ({ organisation, kind, object }: Occurrence) {
  const { sql } = yield* Database
  yield* sql`INSERT INTO server_occurrences (organisation, kind, object, at)
    SELECT ${organisation}, ${kind}, ${object}, ${yield* now}
    WHERE EXISTS (SELECT 1 FROM server_subscriptions WHERE organisation = ${organisation})
    ON CONFLICT (organisation, kind, object) DO NOTHING`
}, orStorageFailure)

/** What nobody was told of yet, oldest first. */
export const openOccurrences = Effect.gen(function* () {
  const { sql } = yield* Database
  return yield* occurrenceRows(
    sql`SELECT * FROM server_occurrences WHERE told_at IS NULL ORDER BY at LIMIT ${OPEN_MAX}`
  )
})

/** False when another node told of it. */
export const markTold = Effect.fnUntraced(function* ({ organisation, kind, object }: Occurrence) {
  const { sql } = yield* Database
  const rows = yield* sql`UPDATE server_occurrences SET told_at = ${yield* now}
    WHERE organisation = ${organisation} AND kind = ${kind} AND object = ${object} AND told_at IS NULL RETURNING object`
  return rows.length === 1
}, orStorageFailure)

export const purgeOccurrences = Effect.fnUntraced(function* (days: number) {
  const { sql } = yield* Database
  const before = DateTime.formatIso(DateTime.subtract(yield* DateTime.now, { days }))
  yield* sql`DELETE FROM server_occurrences WHERE told_at < ${before}`
}, orStorageFailure)

/** May notifications of the organisation hold commands? Not unless told. */
export const hasCommands = Effect.fnUntraced(function* (organisation: OrganisationId) {
  const { sql } = yield* Database
  const rows = yield* settingsRows(sql`SELECT * FROM server_notification_settings WHERE organisation = ${organisation}`)
  return rows[0]?.has_commands ?? false
})

export const setHasCommands = Effect.fnUntraced(function* (organisation: OrganisationId, isOn: boolean) {
  const { sql } = yield* Database
  const row = { organisation, has_commands: isOn ? 1 : 0 }
  yield* sql`INSERT INTO server_notification_settings ${sql.insert(row)}
    ON CONFLICT (organisation) DO UPDATE SET has_commands = excluded.has_commands`
}, orStorageFailure)

/** What a person is told, and what has not left for them. Call it inside a transaction. */
export const removeSubscriptionsOf = Effect.fnUntraced(function* (organisation: OrganisationId, person: PersonId) {
  const { sql } = yield* Database
  const theirs = sql`organisation = ${organisation} AND person = ${person}`
  yield* sql`DELETE FROM server_subscriptions WHERE ${theirs}`
  yield* sql`DELETE FROM server_outbox WHERE ${theirs} AND state <> 'sent'`
}, orStorageFailure)
