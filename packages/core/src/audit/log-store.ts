// The statements of the audit log. Each belongs to the transaction of whoever calls it.
import { Array as Arr, Effect, Schema } from "effect"
import { BytesColumn, IntegerColumn } from "../database/column.ts"
import type { SqlClient } from "../database/sql.ts"
import { orStorageFailure } from "../database/storage-failure.ts"
import { AuditEntryId } from "../ids.ts"
import type { EntryRow } from "./entry.ts"
import { ENTRY_COLUMNS } from "./tables.ts"
import { partialTiles, type Tile } from "./tree-edge.ts"

type Sql = SqlClient.SqlClient

/** Keeps a statement well below the 32,766 parameters that SQLite takes. */
const ROWS_A_STATEMENT_MAX = 500

/** Writes entries that wait for the sequencer, in this order. */
export const insertPending = (sql: Sql, rows: ReadonlyArray<EntryRow>) =>
  Effect.forEach(
    Arr.chunksOf(rows, ROWS_A_STATEMENT_MAX),
    (chunk) => sql`INSERT INTO core_audit_pending ${sql.insert(chunk as Arr.NonEmptyArray<EntryRow>)}`,
    { discard: true }
  ).pipe(orStorageFailure)

const StoredCheckpoint = Schema.Struct({ size: IntegerColumn, note: Schema.String })
export type StoredCheckpoint = typeof StoredCheckpoint.Type

/** The checkpoint of the largest tree. */
export const newestCheckpoint = Effect.fnUntraced(function* (sql: Sql) {
  const rows = yield* sql`SELECT size, note FROM core_audit_checkpoints ORDER BY size DESC LIMIT 1`
  return (yield* decode(Schema.Array(StoredCheckpoint), rows))[0]
}, orStorageFailure)

export const insertCheckpoint = (sql: Sql, checkpoint: StoredCheckpoint & { readonly time: string }) =>
  orStorageFailure(sql`INSERT INTO core_audit_checkpoints ${sql.insert(checkpoint)}`)

/** The checkpoint of the empty log, unless another node was first. */
export const insertFirstCheckpoint = (sql: Sql, checkpoint: { readonly time: string; readonly note: string }) =>
  orStorageFailure(
    sql`INSERT INTO core_audit_checkpoints ${sql.insert({ size: 0, ...checkpoint })} ON CONFLICT (size) DO NOTHING`
  )

/** True when committed entries wait. */
export const isAnythingPending = (sql: Sql) =>
  orStorageFailure(sql`SELECT seq FROM core_audit_pending LIMIT 1`).pipe(Effect.map((rows) => rows.length > 0))

const SequencedEntry = Schema.Struct({ leaf_index: IntegerColumn, id: AuditEntryId, leaf: BytesColumn })
export type SequencedEntry = typeof SequencedEntry.Type

/**
 * Moves the oldest committed entries into the log, behind its `size` entries, and returns them in order. On PostgreSQL an entry
 * may become visible between two of the statements; only what the first one took is removed.
 */
export const sequencePending = Effect.fnUntraced(function* (sql: Sql, size: number, entriesMax: number) {
  const columns = sql.literal(ENTRY_COLUMNS)
  const [newest] = yield* sql<{ last: number | bigint | null }>`SELECT max(seq) AS last FROM
    (SELECT seq FROM core_audit_pending ORDER BY seq LIMIT ${entriesMax}) AS oldest`
  const last = newest?.last ?? null
  if (last === null) return []
  const rows = yield* sql`INSERT INTO core_audit_entries (leaf_index, ${columns})
    SELECT CAST(${size} AS BIGINT) + row_number() OVER (ORDER BY seq) - 1, ${columns} FROM core_audit_pending WHERE seq <= ${last}
    RETURNING leaf_index, id, leaf`
  yield* sql`DELETE FROM core_audit_pending WHERE seq <= ${last}
    AND id IN (SELECT id FROM core_audit_entries WHERE leaf_index >= ${size})`
  const entries = yield* decode(Schema.Array(SequencedEntry), rows)
  return entries.toSorted((a, b) => a.leaf_index - b.leaf_index)
}, orStorageFailure)

/** Which of these entries stand in the log. */
export const sequencedAmong = Effect.fnUntraced(function* (sql: Sql, ids: ReadonlyArray<string>) {
  const found = new Set<string>()
  for (const chunk of Arr.chunksOf(ids, ROWS_A_STATEMENT_MAX)) {
    const rows = yield* sql<{ id: string }>`SELECT id FROM core_audit_entries WHERE ${sql.in("id", chunk)}`
    for (const { id } of rows) found.add(id)
  }
  return found
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
export const writeTiles = (sql: Sql, tiles: ReadonlyArray<Tile>) =>
  Effect.forEach(
    Arr.chunksOf(tiles, ROWS_A_STATEMENT_MAX),
    (chunk) => {
      const rows = chunk.map(({ level, index, hashes }) => ({ level, tile_index: index, hashes }))
      return sql`INSERT INTO core_audit_tiles ${sql.insert(rows as Arr.NonEmptyArray<(typeof rows)[number]>)}
        ON CONFLICT (level, tile_index) DO UPDATE SET hashes = excluded.hashes`
    },
    { discard: true }
  ).pipe(orStorageFailure)

/** Rows of our own tables that do not fit their schema are broken storage, not an expected outcome. */
const decode = <S extends Schema.Codec<unknown, unknown>>(schema: S, rows: unknown) =>
  Schema.decodeUnknownEffect(schema)(rows).pipe(Effect.orDie)
