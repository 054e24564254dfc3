// What a verification reads. After tampering a column may hold anything, so nothing is decoded on trust.
import { Effect, Option, Schema } from "effect"
import type { SqlClient } from "../database/sql.ts"
import { orStorageFailure } from "../database/storage-failure.ts"
import type { ListColumns } from "./entry-check.ts"
import type { IndexRange } from "./log-store.ts"
import { PurgeFacts } from "./retention.ts"
import type { Tile } from "./tree-edge.ts"

type Sql = SqlClient.SqlClient

const NOTHING = Buffer.alloc(0)
const asBytes = (value: unknown): Buffer =>
  value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.length) : NOTHING

/** A row as the database returned it. */
export interface UncheckedRow {
  readonly index: number
  readonly columns: ListColumns
  /** The leaf read as text: where it is ASCII, exactly its bytes. Never to be trusted where it is not. */
  readonly text: unknown
}

/**
 * Rows in the order of their indices, as values without column names: most of the time of a verification is reading. SQLite makes
 * a string in half of the time of a buffer; PostgreSQL sends bytes anyway.
 */
export const readRows = Effect.fnUntraced(function* (sql: Sql, { begin, end }: IndexRange) {
  const leaf = sql.onDialectOrElse({
    sqlite: () => sql`CASE WHEN typeof(leaf) = 'blob' THEN CAST(leaf AS TEXT) END`,
    orElse: () => sql`leaf`
  })
  const rows = yield* sql`SELECT id, org, actor, action, object, time, leaf_index, ${leaf} AS leaf
    FROM core_audit_entries WHERE leaf_index >= ${begin} AND leaf_index < ${end} ORDER BY leaf_index`.values
  return rows.map((row): UncheckedRow => ({ index: Number(row[6]), columns: row, text: asText(row[7]) }))
}, orStorageFailure)

const asText = (value: unknown): unknown => (value instanceof Uint8Array ? asBytes(value).toString("latin1") : value)

/** The bytes of one leaf; none when the column holds something else. */
export const readLeaf = Effect.fnUntraced(function* (sql: Sql, index: number) {
  const rows = yield* sql`SELECT leaf FROM core_audit_entries WHERE leaf_index = ${index}`.values
  return asBytes(rows[0]?.[0])
}, orStorageFailure)

/** One stored tile; `undefined` when there is none. */
export const readTile = Effect.fnUntraced(function* (sql: Sql, place: Pick<Tile, "level" | "index">) {
  return (yield* readTiles(sql, place.level, { begin: place.index, end: place.index + 1 })).get(place.index)
}, orStorageFailure)

/** The stored tiles of a level by their indices. */
export const readTiles = Effect.fnUntraced(function* (sql: Sql, level: number, { begin, end }: IndexRange) {
  const rows = yield* sql`SELECT tile_index, hashes FROM core_audit_tiles
    WHERE level = ${level} AND tile_index >= ${begin} AND tile_index < ${end}`.values
  return new Map(rows.map((row) => [Number(row[0]), asBytes(row[1])]))
}, orStorageFailure)

type UnknownRow = Readonly<Record<string, unknown>>

/** The next checkpoints in the order of their sizes, up to the one of the size `last`. */
export const readCheckpoints = Effect.fnUntraced(function* (
  sql: Sql,
  { after, last, limit }: { readonly after: number; readonly last: number; readonly limit: number }
) {
  const rows = yield* sql<UnknownRow>`SELECT size, note FROM core_audit_checkpoints
    WHERE size > ${after} AND size <= ${last} ORDER BY size LIMIT ${limit}`
  return rows.map((row) => ({ size: Number(row["size"]), note: String(row["note"]) }))
}, orStorageFailure)

/** The size of the newest checkpoint; -1 when there is none. */
export const newestSize = Effect.fnUntraced(function* (sql: Sql) {
  const rows = yield* sql<UnknownRow>`SELECT coalesce(max(size), -1) AS size FROM core_audit_checkpoints`
  return Number(rows[0]?.["size"] ?? -1)
}, orStorageFailure)

/** One past the last entry that is there. */
export const entriesEnd = Effect.fnUntraced(function* (sql: Sql) {
  const rows = yield* sql<UnknownRow>`SELECT coalesce(max(leaf_index) + 1, 0) AS size FROM core_audit_entries`
  return Number(rows[0]?.["size"] ?? 0)
}, orStorageFailure)

/** Committed entries, sequenced or not, in one look: an entry on its way from one table to the other is counted once. */
export const countCommitted = Effect.fnUntraced(function* (sql: Sql) {
  const rows = yield* sql<UnknownRow>`SELECT (SELECT coalesce(max(leaf_index) + 1, 0) FROM core_audit_entries)
    + (SELECT count(*) FROM core_audit_pending) AS committed`
  return Number(rows[0]?.["committed"] ?? 0)
}, orStorageFailure)

const PurgeLeaf = Schema.fromJsonString(
  Schema.Struct({ action: Schema.Literal("audit-log.purged"), facts: PurgeFacts })
)

/** A purge as the log tells of it. */
export interface Purge {
  /** Of its entry. */
  readonly index: number
  /** Everything below this index may be gone. */
  readonly end: number
  /** And was older than this instant. */
  readonly before: string
}

/**
 * What the log itself says about purges, in entries under a checkpoint. They stand in the tree like every other one, behind what they speak
 * of, so whoever verifies the tree verifies them too.
 */
export const readPurges = Effect.fnUntraced(function* (sql: Sql, size: number) {
  const rows = yield* sql<{ leaf_index: unknown; leaf: unknown }>`SELECT leaf_index, leaf FROM core_audit_entries
    WHERE action = 'audit-log.purged' AND leaf_index < ${size} ORDER BY leaf_index`
  return rows.flatMap((row): ReadonlyArray<Purge> => {
    const index = Number(row.leaf_index)
    const leaf = Option.getOrUndefined(Schema.decodeOption(PurgeLeaf)(asBytes(row.leaf).toString("utf8")))
    return leaf === undefined || leaf.facts.end > index ? [] : [{ index, ...leaf.facts }]
  })
}, orStorageFailure)
