// Schedules and their firings. A firing is claimed by its schedule and instant, once, in the transaction that says what became of it.
import { Database, type OrganisationId, orStorageFailure, type ScheduleId } from "@fluxcybers/core"
import { Effect, Schema } from "effect"
import { instant } from "../instant.ts"
import { FiringRow, ScheduleRow } from "./runbook-rows.ts"

export type StoredSchedule = typeof ScheduleRow.Type
export type StoredFiring = typeof FiringRow.Type

const LIST_MAX = 1_000
const FIRINGS_SHOWN = 20

const decode = (rows: ReadonlyArray<object>) =>
  Effect.orDie(Schema.decodeUnknownEffect(Schema.Array(ScheduleRow))(rows))

/** False when there is one of this name already. */
export const insertSchedule = Effect.fnUntraced(function* (schedule: StoredSchedule) {
  const { sql } = yield* Database
  const row = yield* Effect.orDie(Schema.encodeEffect(ScheduleRow)(schedule))
  const added = yield* sql`INSERT INTO executor_schedules ${sql.insert(row)} ON CONFLICT DO NOTHING RETURNING id`
  return added.length === 1
}, orStorageFailure)

/** By name (removed ones have none any more) or by id. */
export const findSchedule = Effect.fnUntraced(function* (organisation: OrganisationId, schedule: string) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT * FROM executor_schedules WHERE organisation = ${organisation}
    AND (id = ${schedule} OR (name = ${schedule} AND state <> 'removed'))`
  return (yield* decode(rows))[0]
}, orStorageFailure)

/** Those that are not removed, in order of name. */
export const listSchedules = Effect.fnUntraced(function* (organisation: OrganisationId) {
  const { sql } = yield* Database
  return yield* decode(
    yield* sql`SELECT * FROM executor_schedules WHERE organisation = ${organisation} AND state <> 'removed'
      ORDER BY name LIMIT ${LIST_MAX}`
  )
}, orStorageFailure)

/** What should have fired by now, the longest overdue first. */
export const dueSchedules = Effect.fnUntraced(function* (now: string, limit: number) {
  const { sql } = yield* Database
  return yield* decode(
    yield* sql`SELECT * FROM executor_schedules WHERE state = 'active' AND next_at <= ${now} ORDER BY next_at LIMIT ${limit}`
  )
}, orStorageFailure)

/** False when it was in another state. */
export const moveSchedule = Effect.fnUntraced(function* (move: {
  readonly id: ScheduleId
  readonly from: StoredSchedule["state"]
  readonly to: StoredSchedule["state"]
  readonly nextAt: string | null
}) {
  const { sql } = yield* Database
  const rows = yield* sql`UPDATE executor_schedules SET state = ${move.to}, next_at = ${move.nextAt}
    WHERE id = ${move.id} AND state = ${move.from} RETURNING id`
  return rows.length === 1
}, orStorageFailure)

/** Goes on to the next instant, if it still waits for this one; false when another node was faster, or somebody paused it. */
export const advanceSchedule = Effect.fnUntraced(function* (schedule: StoredSchedule, nextAt: string) {
  const { sql } = yield* Database
  const rows = yield* sql`UPDATE executor_schedules SET next_at = ${nextAt}
    WHERE id = ${schedule.id} AND state = 'active' AND next_at = ${schedule.next_at} RETURNING id`
  return rows.length === 1
}, orStorageFailure)

/** False when this instant was fired already. */
export const insertFiring = Effect.fnUntraced(function* (firing: StoredFiring) {
  const { sql } = yield* Database
  const row = yield* Effect.orDie(Schema.encodeEffect(FiringRow)(firing))
  const rows = yield* sql`INSERT INTO executor_firings ${sql.insert(row)} ON CONFLICT DO NOTHING RETURNING schedule`
  return rows.length === 1
}, orStorageFailure)

/** Firings that nobody needs to see any more. */
export const deleteFirings = Effect.fnUntraced(function* (schedule: ScheduleId, before: string) {
  const { sql } = yield* Database
  yield* sql`DELETE FROM executor_firings WHERE schedule = ${schedule} AND instant < ${before}`
}, orStorageFailure)

/** Newest first. */
export const listFirings = Effect.fnUntraced(function* (schedule: ScheduleId) {
  const { sql } = yield* Database
  const rows =
    yield* sql`SELECT * FROM executor_firings WHERE schedule = ${schedule} ORDER BY instant DESC LIMIT ${FIRINGS_SHOWN}`
  return yield* Effect.orDie(Schema.decodeUnknownEffect(Schema.Array(FiringRow))(rows))
}, orStorageFailure)

/** Does something that it proposed run, or can it still start? */
export const hasOpenExecution = Effect.fnUntraced(function* (schedule: ScheduleId) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT 1 FROM executor_firings f JOIN executor_executions e ON e.id = f.execution
    WHERE f.schedule = ${schedule} AND (e.state = 'running'
      OR (e.state IN ('pending', 'granted') AND e.expires_at > ${yield* instant()})) LIMIT 1`
  return rows.length > 0
}, orStorageFailure)
