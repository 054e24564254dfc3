// The layout in which a log is served (https://c2sp.org/tlog-tiles): tiles of up to 256 hashes, bundles of up to 256 entries.

import { type LeafRange, type PerfectSubtree, perfectHash, perfectSubtrees, type SubtreeHash } from "./tree.ts"
import { TILE_HEIGHT, TILE_WIDTH, type Tile } from "./tree-edge.ts"
import { HASH_BYTES } from "./tree-hash.ts"

const LEVELS = 64
const LENGTH_BYTES = 2
/** Past this a number in a path is not one of a tile: 2^53 leaves have fewer. */
const PATH_GROUPS_MAX = 6

/** One resource under `tile/`: a hash tile of a level, or the entry bundle beside the level 0 tile of the same index. */
export interface TilePath {
  readonly level: number | "entries"
  readonly index: number
  /** 1 to 256; less than 256 names a partial tile. */
  readonly width: number
}

/** `tile/0/x001/067.p/5`. */
export const writeTilePath = ({ level, index, width }: TilePath): string => {
  const groups = [String(index % 1_000).padStart(3, "0")]
  for (let rest = Math.floor(index / 1_000); rest > 0; rest = Math.floor(rest / 1_000)) {
    groups.unshift(`x${String(rest % 1_000).padStart(3, "0")}`)
  }
  return `tile/${level}/${groups.join("/")}${width < TILE_WIDTH ? `.p/${width}` : ""}`
}

/** Reads a path in the one form that is allowed; `undefined` for everything else. */
export const parseTilePath = (path: string): TilePath | undefined => {
  const match = /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/.exec(path)
  const [, level, groups, width] = match ?? []
  if (level === undefined || groups === undefined || groups.split("/").length > PATH_GROUPS_MAX) return undefined
  const parsed: TilePath = {
    level: level === "entries" ? level : Number(level),
    index: Number(groups.replaceAll(/[x/]/g, "")),
    width: width === undefined ? TILE_WIDTH : Number(width)
  }
  if (parsed.width < 1 || (parsed.level !== "entries" && parsed.level >= LEVELS)) return undefined
  return Number.isSafeInteger(parsed.index) && writeTilePath(parsed) === path ? parsed : undefined
}

/** The paths under which a log of this size is served, the checkpoint aside: every tile and every entry bundle, full or partial. */
export function* logPaths(size: number): Generator<string> {
  for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / TILE_WIDTH)) {
    for (let index = 0; index * TILE_WIDTH < count; index++) {
      const width = Math.min(TILE_WIDTH, count - index * TILE_WIDTH)
      yield writeTilePath({ level, index, width })
      if (level === 0) yield writeTilePath({ level: "entries", index, width })
    }
  }
}

/** An entry bundle: each entry behind its length in 16 bits, big-endian. */
export const writeEntryBundle = (entries: ReadonlyArray<Uint8Array>): Uint8Array =>
  Buffer.concat(
    entries.flatMap((entry) => {
      const length = Buffer.alloc(LENGTH_BYTES)
      length.writeUInt16BE(entry.length)
      return [length, entry]
    })
  )

/** The entries of a bundle; `undefined` when it is cut short or holds more than 256. */
export const parseEntryBundle = (bundle: Uint8Array): ReadonlyArray<Uint8Array> | undefined => {
  const bytes = Buffer.from(bundle.buffer, bundle.byteOffset, bundle.length)
  const entries: Array<Uint8Array> = []
  for (let at = 0; at < bytes.length; ) {
    if (entries.length === TILE_WIDTH || at + LENGTH_BYTES > bytes.length) return undefined
    const end = at + LENGTH_BYTES + bytes.readUInt16BE(at)
    if (end > bytes.length) return undefined
    entries.push(bytes.subarray(at + LENGTH_BYTES, end))
    at = end
  }
  return entries
}

/** The tiles that hold what is needed to hash these ranges. */
export const tilesFor = (ranges: ReadonlyArray<LeafRange>): ReadonlyArray<{ level: number; index: number }> => {
  const tiles = ranges.flatMap(perfectSubtrees).map(placeOf)
  return [...new Map(tiles.map(({ level, index }) => [`${level}/${index}`, { level, index }])).values()]
}

/** Finds subtrees in tiles. Throws when a tile is missing or too short. */
export const subtreesIn = (tiles: ReadonlyArray<Tile>): SubtreeHash => {
  const byPlace = new Map(tiles.map((tile) => [`${tile.level}/${tile.index}`, tile.hashes]))
  return (subtree) => {
    const { level, index, offset, count } = placeOf(subtree)
    const hashes = byPlace.get(`${level}/${index}`)
    if (hashes === undefined || hashes.length < (offset + count) * HASH_BYTES) {
      throw new RangeError(`tile ${level}/${index} is missing or too short`)
    }
    return perfectHash(Array.from({ length: count }, (_, i) => hashAt(hashes, offset + i)))
  }
}

/** One hash of a tile. */
const hashAt = (hashes: Uint8Array, position: number): Uint8Array =>
  hashes.subarray(position * HASH_BYTES, (position + 1) * HASH_BYTES)

/** Where the hashes stand from which a perfect subtree's is computed. */
const placeOf = ({ height, index }: PerfectSubtree) => {
  const level = Math.floor(height / TILE_HEIGHT)
  const count = 2 ** (height % TILE_HEIGHT)
  const first = Number(index) * count
  return { level, index: Math.floor(first / TILE_WIDTH), offset: first % TILE_WIDTH, count }
}
