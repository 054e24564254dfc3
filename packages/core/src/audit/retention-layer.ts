// Retention of the log's entries on a database.
import { DateTime, Effect, Layer } from "effect"
import { Database } from "../database/database.ts"
import type { SqlClient } from "../database/sql.ts"
import { orStorageFailure } from "../database/storage-failure.ts"
import { AuditLog } from "./audit-log.ts"
import { makeHolds } from "./holds.ts"
import { closeBy } from "./open-actions.ts"
import { AuditRetention, type PurgeReport, type PurgeRequest } from "./retention.ts"
import { TILE_WIDTH } from "./tree-edge.ts"

type Sql = SqlClient.SqlClient

/** A transaction deletes so many entries at most, and holds the database for some milliseconds. */
const BATCH_ENTRIES = 2 * TILE_WIDTH
const OBJECT = "audit-log"

const makeRetention = Effect.gen(function* () {
  const database = yield* Database
  const { sql, transaction } = database
  const log = yield* AuditLog

  const plan = Effect.fn("AuditRetention.plan")(function* ({ before }: Pick<PurgeRequest, "before">) {
    return yield* planned(sql, DateTime.formatIso(before))
  })

  const purge = Effect.fn("AuditRetention.purge")(function* ({ before, organisation, actor }: PurgeRequest) {
    const report = yield* plan({ before })
    if (report.entries === 0) return report
    const facts = { end: report.end, before: DateTime.formatIso(before) }
    const action = yield* log.begin({ organisation, actor, action: "audit-log.purged", object: OBJECT, facts })
    const gone = Effect.gen(function* () {
      yield* log.awaitCheckpoint(action.intent)
      const row = { entry: action.intent, end_index: report.end }
      yield* orStorageFailure(sql`INSERT INTO core_audit_purges ${sql.insert(row)}`)
      for (let begin = 0; begin < report.end; begin += BATCH_ENTRIES) {
        yield* transaction(deleteEntries(sql, { begin, end: Math.min(begin + BATCH_ENTRIES, report.end) }))
      }
      yield* deleteAliases(sql, facts.before)
    })
    yield* Effect.onExit(gone, (exit) => closeBy(action, exit, () => ({ entries: report.entries, held: report.held })))
    return report
  })

  return AuditRetention.of({
    plan,
    purge,
    ...makeHolds(database, log)
  })
})

/** Purges speak for what is gone: their entries stay as long as the log. */
const isKept = (sql: Sql, now: string) =>
  sql`(entry.action = 'audit-log.purged' OR EXISTS (SELECT 1 FROM core_audit_holds AS held WHERE held.org = entry.org
    AND (held.object IS NULL OR held.object = entry.object OR held.object = (SELECT text FROM core_audit_aliases
      WHERE alias = entry.object AND org = entry.org)) AND (held.until IS NULL OR held.until > ${now})))`

const planned = Effect.fnUntraced(function* (sql: Sql, before: string) {
  const [first] = yield* sql<{ young: unknown; size: unknown }>`SELECT
    (SELECT leaf_index FROM core_audit_entries WHERE time >= ${before} ORDER BY leaf_index LIMIT 1) AS young,
    (SELECT max(size) FROM core_audit_checkpoints) AS size`
  const size = Number(first?.size ?? 0)
  const old = Math.min(Number(first?.young ?? size), size)
  const end = old - (old % TILE_WIDTH)
  const now = DateTime.formatIso(yield* DateTime.now)
  const [counted] = yield* sql<{ held: unknown; present: unknown }>`SELECT count(*) AS present,
    coalesce(sum(CASE WHEN ${isKept(sql, now)} THEN 1 ELSE 0 END), 0) AS held
    FROM core_audit_entries AS entry WHERE leaf_index < ${end}`
  const held = Number(counted?.held)
  return { end, entries: Number(counted?.present) - held, held } satisfies PurgeReport
}, orStorageFailure)

const deleteEntries = Effect.fnUntraced(function* (
  sql: Sql,
  { begin, end }: { readonly begin: number; readonly end: number }
) {
  const now = DateTime.formatIso(yield* DateTime.now)
  yield* sql`DELETE FROM core_audit_entries WHERE leaf_index IN (SELECT leaf_index FROM core_audit_entries AS entry
    WHERE leaf_index >= ${begin} AND leaf_index < ${end} AND NOT ${isKept(sql, now)})`
}, orStorageFailure)

/** What nothing in the log says any more needs no explanation. Purges are kept for what they say, not for who asked. */
const deleteAliases = Effect.fnUntraced(function* (sql: Sql, before: string) {
  yield* sql`DELETE FROM core_audit_aliases WHERE day < substr(${before}, 1, 10) AND day NOT IN (
    SELECT DISTINCT substr(time, 1, 10) FROM core_audit_entries WHERE action <> 'audit-log.purged' AND leaf_index <= coalesce(
      (SELECT leaf_index FROM core_audit_entries WHERE time >= ${before} ORDER BY leaf_index LIMIT 1),
      (SELECT max(leaf_index) FROM core_audit_entries)))`
}, orStorageFailure)

/** Retention of the audit log in the given `Database`. */
export const auditRetentionLayer: Layer.Layer<AuditRetention, never, Database | AuditLog> = Layer.effect(
  AuditRetention,
  makeRetention
)
