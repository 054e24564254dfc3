// What a verification reads. After tampering a column may hold anything, so nothing is decoded on trust.
import { Effect } from "effect"
import type { SqlClient } from "../database/sql.ts"
import { orStorageFailure } from "../database/storage-failure.ts"
import type { UncheckedRow } from "./entry-check.ts"
import type { IndexRange } from "./log-store.ts"
import type { Tile } from "./tree-edge.ts"

type Sql = SqlClient.SqlClient

const asBytes = (value: unknown): Uint8Array => (value instanceof Uint8Array ? value : new Uint8Array())

/** Rows by index; what has no whole number as its index is left out. */
export const readRows = Effect.fnUntraced(function* (sql: Sql, { begin, end }: IndexRange) {
  const rows = yield* sql<UncheckedRow>`SELECT leaf_index, id, org, actor, action, object, time, leaf
    FROM core_audit_entries WHERE leaf_index >= ${begin} AND leaf_index < ${end} ORDER BY leaf_index`
  return new Map(rows.map((row) => [Number(row["leaf_index"]), { ...row, leaf: asBytes(row["leaf"]) }]))
}, orStorageFailure)

/** One stored tile; `undefined` when there is none. */
export const readTile = Effect.fnUntraced(function* (sql: Sql, place: Pick<Tile, "level" | "index">) {
  const rows = yield* sql<UncheckedRow>`SELECT hashes FROM core_audit_tiles
    WHERE level = ${place.level} AND tile_index = ${place.index}`
  return rows[0] === undefined ? undefined : asBytes(rows[0]["hashes"])
}, orStorageFailure)

/** The next checkpoints in the order of their sizes, up to the one of the size `last`. */
export const readCheckpoints = Effect.fnUntraced(function* (
  sql: Sql,
  { after, last, limit }: { readonly after: number; readonly last: number; readonly limit: number }
) {
  const rows = yield* sql<UncheckedRow>`SELECT size, note FROM core_audit_checkpoints
    WHERE size > ${after} AND size <= ${last} ORDER BY size LIMIT ${limit}`
  return rows.map((row) => ({ size: Number(row["size"]), note: String(row["note"]) }))
}, orStorageFailure)

/** The size of the newest checkpoint; -1 when there is none. */
export const newestSize = Effect.fnUntraced(function* (sql: Sql) {
  const rows = yield* sql<UncheckedRow>`SELECT coalesce(max(size), -1) AS size FROM core_audit_checkpoints`
  return Number(rows[0]?.["size"] ?? -1)
}, orStorageFailure)

/** One past the last entry that is there. */
export const entriesEnd = Effect.fnUntraced(function* (sql: Sql) {
  const rows = yield* sql<UncheckedRow>`SELECT coalesce(max(leaf_index) + 1, 0) AS size FROM core_audit_entries`
  return Number(rows[0]?.["size"] ?? 0)
}, orStorageFailure)

/** Committed entries, sequenced or not, in one look: an entry on its way from one table to the other is counted once. */
export const countCommitted = Effect.fnUntraced(function* (sql: Sql) {
  const rows = yield* sql<UncheckedRow>`SELECT (SELECT coalesce(max(leaf_index) + 1, 0) FROM core_audit_entries)
    + (SELECT count(*) FROM core_audit_pending) AS committed`
  return Number(rows[0]?.["committed"] ?? 0)
}, orStorageFailure)
