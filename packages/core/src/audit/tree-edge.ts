// The right edge of a growing Merkle tree: all that is needed to append leaves, cut tiles and know the root. Its size depends on
// the logarithm of the tree's, so memory stays flat however long the log becomes.
import { foldRoot, HASH_BYTES, nodeHash } from "./tree-hash.ts"

/** Hashes in a full tile (C2SP tlog-tiles). */
export const TILE_WIDTH = 256
export const TILE_HEIGHT = 8

export interface Tile {
  readonly level: number
  readonly index: number
  /** 1 to 256 hashes of 32 bytes, one after the other. */
  readonly hashes: Uint8Array
}

interface Subtree {
  readonly height: number
  readonly hash: Uint8Array
}

export interface TreeEdge {
  readonly size: number
  /** The perfect subtrees that the tree consists of, from left to right. */
  readonly peaks: ReadonlyArray<Subtree>
  /** By level, the tile that is not full yet; it may be empty. */
  readonly partial: ReadonlyArray<Tile>
}

export const EMPTY_EDGE: TreeEdge = { size: 0, peaks: [], partial: [] }

/** The root of the tree (RFC 6962 §2.1). */
export const edgeRoot = (edge: TreeEdge): Uint8Array => foldRoot(edge.peaks.map((peak) => peak.hash))

/** The tree with more leaves, and the tiles that became full or grew. The given edge stays as it is. */
export const extend = (edge: TreeEdge, leafHashes: Iterable<Uint8Array>): { edge: TreeEdge; tiles: Array<Tile> } => {
  const peaks = [...edge.peaks]
  const tiles = new TileCutter(edge.partial)
  let size = edge.size
  for (const leaf of leafHashes) {
    let subtree: Subtree = { height: 0, hash: leaf }
    tiles.append(0, leaf)
    while (peaks.at(-1)?.height === subtree.height) {
      subtree = { height: subtree.height + 1, hash: nodeHash(peaks.pop()!.hash, subtree.hash) }
      if (subtree.height % TILE_HEIGHT === 0) tiles.append(subtree.height / TILE_HEIGHT, subtree.hash)
    }
    peaks.push(subtree)
    size++
  }
  return { edge: { size, peaks, partial: tiles.partial() }, tiles: tiles.changed() }
}

/** Where the partial tiles of a tree of this size stand; levels whose partial tile is empty are left out. */
export const partialTiles = (size: number): Array<{ level: number; index: number; width: number }> => {
  const places = []
  for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / TILE_WIDTH)) {
    const width = count % TILE_WIDTH
    if (width > 0) places.push({ level, index: Math.floor(count / TILE_WIDTH), width })
  }
  return places
}

/** Rebuilds the edge of a tree of this size from its partial tiles; `undefined` when one is missing or too short. */
export const edgeFromTiles = (size: number, stored: ReadonlyArray<Tile>): TreeEdge | undefined => {
  const partial: Array<Tile> = []
  const peaks: Array<Subtree> = []
  for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / TILE_WIDTH)) {
    const index = Math.floor(count / TILE_WIDTH)
    const bytes = (count % TILE_WIDTH) * HASH_BYTES
    const tile = stored.find((candidate) => candidate.level === level && candidate.index === index)
    if (bytes > 0 && (tile === undefined || tile.hashes.length < bytes)) return undefined
    const hashes = tile?.hashes.slice(0, bytes) ?? new Uint8Array()
    partial.push({ level, index, hashes })
    peaks.unshift(...subtreesOf(level, hashes))
  }
  return { size, peaks, partial }
}

/** The perfect subtrees, largest first, above the hashes of one partial tile. */
const subtreesOf = (level: number, hashes: Uint8Array): Array<Subtree> => {
  const subtrees: Array<Subtree> = []
  for (let offset = 0; offset < hashes.length; offset += HASH_BYTES) {
    let subtree: Subtree = { height: level * TILE_HEIGHT, hash: hashes.slice(offset, offset + HASH_BYTES) }
    while (subtrees.at(-1)?.height === subtree.height) {
      subtree = { height: subtree.height + 1, hash: nodeHash(subtrees.pop()!.hash, subtree.hash) }
    }
    subtrees.push(subtree)
  }
  return subtrees
}

/** Collects the hashes of each level into tiles of 256. */
class TileCutter {
  readonly #open: Array<{ index: number; width: number; grown: boolean; hashes: Uint8Array }> = []
  readonly #full: Array<Tile> = []

  constructor(partial: ReadonlyArray<Tile>) {
    for (const { index, hashes } of partial) {
      const copy = new Uint8Array(TILE_WIDTH * HASH_BYTES)
      copy.set(hashes)
      this.#open.push({ index, width: hashes.length / HASH_BYTES, grown: false, hashes: copy })
    }
  }

  append(level: number, hash: Uint8Array): void {
    this.#open[level] ??= { index: 0, width: 0, grown: false, hashes: new Uint8Array(TILE_WIDTH * HASH_BYTES) }
    const tile = this.#open[level]
    tile.hashes.set(hash, tile.width * HASH_BYTES)
    tile.width++
    tile.grown = true
    if (tile.width < TILE_WIDTH) return
    this.#full.push({ level, index: tile.index, hashes: tile.hashes.slice() })
    this.#open[level] = { index: tile.index + 1, width: 0, grown: false, hashes: tile.hashes }
  }

  partial(): Array<Tile> {
    return this.#open.map(({ index, width, hashes }, level) => ({
      level,
      index,
      hashes: hashes.slice(0, width * HASH_BYTES)
    }))
  }

  changed(): Array<Tile> {
    return [...this.#full, ...this.partial().filter((_, level) => this.#open[level]!.grown)]
  }
}
