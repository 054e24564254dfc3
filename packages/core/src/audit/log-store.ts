// The statements of the audit log. Each belongs to the transaction of whoever calls it.
import { Array as Arr, Effect, Schema } from "effect"
import { BytesColumn, IntegerColumn } from "../database/column.ts"
import type { Database } from "../database/database.ts"
import type { SqlClient } from "../database/sql.ts"
import { orStorageFailure } from "../database/storage-failure.ts"
import type { EntryRow } from "./entry.ts"
import { ENTRY_COLUMNS } from "./tables.ts"
import { partialTiles, type Tile } from "./tree-edge.ts"

type Sql = SqlClient.SqlClient

/** Keeps a statement well below the 32,766 parameters that SQLite takes. */
const IDS_A_STATEMENT_MAX = 500

const ENTRY_COLUMN_NAMES = ENTRY_COLUMNS.split(", ")

const entryValues = ({ id, org, actor, action, object, time, leaf }: EntryRow) => [
  id,
  org,
  actor,
  action,
  object,
  time,
  leaf
]

/**
 * Writes entries behind all others, in this order. Call it inside a transaction. On SQLite a writing transaction has the database
 * to itself, so the next index is known and returned; on PostgreSQL transactions commit in any order, and the sequencer gives the
 * index later.
 */
export const insertEntries = Effect.fnUntraced(function* (
  { sql, dialect, insertRows }: Database["Service"],
  rows: ReadonlyArray<EntryRow>
) {
  if (dialect === "postgres") {
    yield* insertRows({ table: "core_audit_pending", columns: ENTRY_COLUMN_NAMES, values: rows.map(entryValues) })
    return undefined
  }
  const [row] = yield* sql<{ next: number }>`SELECT max(
    coalesce((SELECT max(leaf_index) + 1 FROM core_audit_entries), 0),
    coalesce((SELECT max(size) FROM core_audit_checkpoints), 0)) AS next`
  const next = row!.next
  const values = rows.map((entry, offset) => [...entryValues(entry), next + offset])
  yield* insertRows({ table: "core_audit_entries", columns: [...ENTRY_COLUMN_NAMES, "leaf_index"], values })
  return next
}, orStorageFailure)

const StoredCheckpoint = Schema.Struct({ size: IntegerColumn, note: Schema.String })
export type StoredCheckpoint = typeof StoredCheckpoint.Type

/** The checkpoint of the largest tree. */
export const newestCheckpoint = Effect.fnUntraced(function* (sql: Sql) {
  const rows = yield* sql`SELECT size, note FROM core_audit_checkpoints ORDER BY size DESC LIMIT 1`
  return (yield* decode(Schema.Array(StoredCheckpoint), rows))[0]
}, orStorageFailure)

/** The checkpoint of this size, if one was signed. */
export const readCheckpoint = Effect.fnUntraced(function* (sql: Sql, size: number) {
  const rows = yield* sql`SELECT size, note FROM core_audit_checkpoints WHERE size = ${size}`
  return (yield* decode(Schema.Array(StoredCheckpoint), rows))[0]
}, orStorageFailure)

export const insertCheckpoint = (sql: Sql, checkpoint: StoredCheckpoint & { readonly time: string }) =>
  orStorageFailure(sql`INSERT INTO core_audit_checkpoints ${sql.insert(checkpoint)}`)

/** The checkpoint of the empty log, unless another node was first. */
export const insertFirstCheckpoint = (sql: Sql, checkpoint: { readonly time: string; readonly note: string }) =>
  orStorageFailure(
    sql`INSERT INTO core_audit_checkpoints ${sql.insert({ size: 0, ...checkpoint })} ON CONFLICT (size) DO NOTHING`
  )

/** True when committed entries are not yet under a checkpoint. */
export const isAnythingPending = (sql: Sql) =>
  orStorageFailure(sql`SELECT 1 AS pending WHERE EXISTS (SELECT 1 FROM core_audit_pending)
    OR EXISTS (SELECT 1 FROM core_audit_entries WHERE leaf_index >= (SELECT max(size) FROM core_audit_checkpoints))`).pipe(
    Effect.map((rows) => rows.length > 0)
  )

/**
 * PostgreSQL: moves the oldest committed entries into the log, behind its `size` entries. An entry may become visible between two
 * of the statements; only what the first one took is removed.
 */
export const admitPending = Effect.fnUntraced(function* (sql: Sql, size: number, entriesMax: number) {
  const columns = sql.literal(ENTRY_COLUMNS)
  const [newest] = yield* sql<{ last: bigint | null }>`SELECT max(seq) AS last FROM
    (SELECT seq FROM core_audit_pending ORDER BY seq LIMIT ${entriesMax}) AS oldest`
  const last = newest?.last ?? null
  if (last === null) return
  yield* sql`INSERT INTO core_audit_entries (leaf_index, ${columns})
    SELECT CAST(${size} AS BIGINT) + row_number() OVER (ORDER BY seq) - 1, ${columns} FROM core_audit_pending WHERE seq <= ${last}`
  yield* sql`DELETE FROM core_audit_pending WHERE seq <= ${last}
    AND id IN (SELECT id FROM core_audit_entries WHERE leaf_index >= ${size})`
}, orStorageFailure)

const StoredEntry = Schema.Struct({ leaf_index: IntegerColumn, id: Schema.String, leaf: BytesColumn })
export type StoredEntry = typeof StoredEntry.Type

/** Indices from `begin` up to, not including, `end`. */
export interface IndexRange {
  readonly begin: number
  readonly end: number
}

/** The entries of a range, in order. */
export const readEntries = Effect.fnUntraced(function* (sql: Sql, { begin, end }: IndexRange) {
  const rows = yield* sql`SELECT leaf_index, id, leaf FROM core_audit_entries
    WHERE leaf_index >= ${begin} AND leaf_index < ${end} ORDER BY leaf_index`
  return yield* decode(Schema.Array(StoredEntry), rows)
}, orStorageFailure)

/** Which of these entries are under a checkpoint. */
export const sequencedAmong = Effect.fnUntraced(function* (sql: Sql, ids: ReadonlyArray<string>) {
  const found = new Set<string>()
  for (const chunk of Arr.chunksOf(ids, IDS_A_STATEMENT_MAX)) {
    const rows = yield* sql<{ id: string }>`SELECT id FROM core_audit_entries
      WHERE ${sql.in("id", chunk)} AND leaf_index < (SELECT max(size) FROM core_audit_checkpoints)`
    for (const { id } of rows) found.add(id)
  }
  return found
}, orStorageFailure)

/** Where the entry stands in the log. */
export const indexOf = Effect.fnUntraced(function* (sql: Sql, id: string) {
  const rows = yield* sql<{ leaf_index: number | bigint }>`SELECT leaf_index FROM core_audit_entries WHERE id = ${id}`
  return rows[0] === undefined ? undefined : Number(rows[0].leaf_index)
}, orStorageFailure)

const StoredTile = Schema.Struct({ level: IntegerColumn, index: IntegerColumn, hashes: BytesColumn })

/** The tiles at these places; missing ones are left out. */
export const readTiles = Effect.fnUntraced(function* (
  sql: Sql,
  places: ReadonlyArray<{ readonly level: number; readonly index: number }>
) {
  if (places.length === 0) return []
  const at = places.map(({ level, index }) => sql`(level = ${level} AND tile_index = ${index})`)
  const rows = yield* sql`SELECT level, tile_index AS ${sql("index")}, hashes FROM core_audit_tiles WHERE ${sql.or(at)}`
  return yield* decode(Schema.Array(StoredTile), rows)
}, orStorageFailure)

/** The tiles from which the right edge of a tree of this size is rebuilt. */
export const readEdgeTiles = (sql: Sql, size: number) => readTiles(sql, partialTiles(size))

/** Writes full and growing tiles. */
export const writeTiles = Effect.fnUntraced(function* (sql: Sql, tiles: ReadonlyArray<Tile>) {
  for (const { level, index, hashes } of tiles) {
    yield* sql`INSERT INTO core_audit_tiles ${sql.insert({ level, tile_index: index, hashes })}
      ON CONFLICT (level, tile_index) DO UPDATE SET hashes = excluded.hashes`
  }
}, orStorageFailure)

/** Rows of our own tables that do not fit their schema are broken storage, not an expected outcome. */
const decode = <S extends Schema.Codec<unknown, unknown>>(schema: S, rows: unknown) =>
  Schema.decodeUnknownEffect(schema)(rows).pipe(Effect.orDie)
