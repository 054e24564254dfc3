// What a log serves (https://c2sp.org/tlog-tiles): its checkpoint, its tiles and its entry bundles, each under one path.
import { Effect, Schema } from "effect"
import type { SqlClient } from "../database/sql.ts"
import * as store from "./log-store.ts"
import { newestCosigned } from "./prover.ts"
import { parseTilePath, type TilePath, writeEntryBundle } from "./tiles.ts"
import { TILE_WIDTH } from "./tree-edge.ts"
import { HASH_BYTES } from "./tree-hash.ts"

/** The log has nothing under this path: it is not written as C2SP tlog-tiles demands, or the log is not that large yet, or the entries are purged. */
export class NoSuchResource extends Schema.TaggedError<NoSuchResource>()("NoSuchResource", {
  path: Schema.String
}) {
  override get message() {
    return "The log has no checkpoint, tile or entry bundle under this path."
  }
}

/** A part of the log as it is served. The checkpoint changes; everything else stays what it is. */
export interface LogResource {
  readonly kind: "checkpoint" | "tile" | "entries"
  readonly bytes: Uint8Array
}

/** The resource at `checkpoint`, `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`. Nothing beyond the newest checkpoint is served. */
export const readResource = Effect.fn("AuditLog.resource")(function* (sql: SqlClient.SqlClient, path: string) {
  const newest = yield* newestCosigned(sql)
  if (path === "checkpoint" && newest !== undefined) {
    return { kind: "checkpoint", bytes: Buffer.from(newest.note) } satisfies LogResource
  }
  const place = parseTilePath(path)
  if (place === undefined || !isCovered(place, newest?.size ?? 0)) return yield* new NoSuchResource({ path })
  const { level, index, width } = place
  const bytes = level === "entries" ? yield* readBundle(sql, place) : yield* readTile(sql, { level, index, width })
  if (bytes === undefined) return yield* new NoSuchResource({ path })
  return { kind: level === "entries" ? "entries" : "tile", bytes } satisfies LogResource
})

/** Whether the tree is large enough: hash `n` of level `l` stands above `256^l` leaves. */
const isCovered = ({ level, index, width }: TilePath, size: number): boolean =>
  index * TILE_WIDTH + width <= Math.floor(size / TILE_WIDTH ** (level === "entries" ? 0 : level))

const readTile = Effect.fnUntraced(function* (
  sql: SqlClient.SqlClient,
  { level, index, width }: { readonly level: number; readonly index: number; readonly width: number }
) {
  const [tile] = yield* store.readTiles(sql, [{ level, index }])
  const bytes = width * HASH_BYTES
  return tile === undefined || tile.hashes.length < bytes ? undefined : tile.hashes.subarray(0, bytes)
})

const readBundle = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, { index, width }: TilePath) {
  const begin = index * TILE_WIDTH
  const entries = yield* store.readEntries(sql, { begin, end: begin + width })
  return entries.length < width ? undefined : writeEntryBundle(entries.map(({ leaf }) => leaf))
})
