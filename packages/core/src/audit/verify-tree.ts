// The tree while it is verified: two versions of the part since the last good checkpoint, one from the entries and one from the
// stored hashes. The signed root says which of the two is right, so that one changed byte is one problem and not a thousand.
import type { Checkpoint } from "./checkpoint.ts"
import type { IndexRange } from "./log-store.ts"
import { EMPTY_EDGE, edgeRoot, extend, TILE_WIDTH, type Tile, type TreeEdge } from "./tree-edge.ts"
import { HASH_BYTES } from "./tree-hash.ts"
import type { VerificationProblem } from "./verify.ts"
import { explain, isSame, type Place, wrongRoot } from "./verify-explanation.ts"
import type { Page } from "./verify-page.ts"

/** Places kept for an explanation; further ones are counted by the caller's limit anyway. */
const DOUBTS_MAX = 1_000
const ABSENT = new Uint8Array(HASH_BYTES)

export interface Verdict {
  /** Whether the signed root is that of the entries or at least of the stored hashes. */
  readonly isConfirmed: boolean
  readonly problems: ReadonlyArray<VerificationProblem>
  /** Tiles above the leaves that became full, as the right tree has them. */
  readonly tiles: ReadonlyArray<Tile>
}

export class VerifiedTree {
  #fromEntries: TreeEdge = EMPTY_EDGE
  #fromHashes: TreeEdge = EMPTY_EDGE
  #entryTiles: Array<Tile> = []
  #hashTiles: Array<Tile> = []
  #doubts: Array<Place> = []
  #purged = 0
  readonly #purgedEnd: number

  /** Below `purgedEnd` entries may be gone, as long as their stored hashes are there. */
  constructor(purgedEnd = 0) {
    this.#purgedEnd = purgedEnd
  }

  /** Entries that were purged. */
  get purged(): number {
    return this.#purged
  }

  get edge(): TreeEdge {
    return this.#fromEntries
  }

  /** Goes on to `end` with what the page says. */
  append(page: Page, end: number): void {
    const range = { begin: this.edge.size - page.begin, end: end - page.begin }
    const isParted = this.#fromEntries !== this.#fromHashes
    if (!isParted && isWhole(page, range)) {
      const hashes = split(page.entryHashes.subarray(range.begin * HASH_BYTES, range.end * HASH_BYTES))
      const { edge, tiles } = extend(this.#fromEntries, hashes)
      this.#grow({ edge, tiles }, { edge, tiles })
    } else this.#appendPlaces(placesOf(page, range))
  }

  #appendPlaces(places: ReadonlyArray<Place>): void {
    const isPurged = ({ index, entryHash, storedHash }: Place) =>
      index < this.#purgedEnd && entryHash === undefined && storedHash !== undefined
    this.#purged += places.filter(isPurged).length
    const differing = places.filter((place) => !(isSame(place.entryHash, place.storedHash) || isPurged(place)))
    this.#doubts.push(...differing.slice(0, DOUBTS_MAX - this.#doubts.length))
    const entryHashes = places.map(({ entryHash, storedHash }) => entryHash ?? storedHash ?? ABSENT)
    const hashes = places.map(({ entryHash, storedHash }) => storedHash ?? entryHash ?? ABSENT)
    this.#grow(extend(this.#fromEntries, entryHashes), extend(this.#fromHashes, hashes))
  }

  #grow(entries: ReturnType<typeof extend>, hashes: ReturnType<typeof extend>): void {
    this.#fromEntries = entries.edge
    this.#fromHashes = hashes.edge
    this.#entryTiles.push(...entries.tiles.filter(isFullInnerTile))
    this.#hashTiles.push(...hashes.tiles.filter(isFullInnerTile))
  }

  /** Whether one of the versions has this root now. Decides nothing. */
  hasRoot(root: Uint8Array): boolean {
    return isSame(edgeRoot(this.#fromEntries), root) || isSame(edgeRoot(this.#fromHashes), root)
  }

  /** Compares both versions with a signed root, and goes on with the one that it confirms. */
  judge({ size, root }: Pick<Checkpoint, "size" | "root">): Verdict {
    const areEntriesRight = isSame(edgeRoot(this.#fromEntries), root)
    const isConfirmed = areEntriesRight || isSame(edgeRoot(this.#fromHashes), root)
    const tiles = areEntriesRight ? this.#entryTiles : this.#hashTiles
    const problems: ReadonlyArray<VerificationProblem> = [
      ...explain(this.#doubts, areEntriesRight),
      ...(isConfirmed ? [] : [wrongRoot(Number(size))])
    ]
    if (areEntriesRight) this.#fromHashes = this.#fromEntries
    else this.#fromEntries = this.#fromHashes
    this.#entryTiles = []
    this.#hashTiles = []
    this.#doubts = []
    return { isConfirmed, problems, tiles }
  }
}

/** Whether every place has an entry and its stored hash, and they agree. */
const isWhole = (page: Page, { begin, end }: IndexRange): boolean => {
  const isAbsent = (flags: Uint8Array) => flags.subarray(begin, end).includes(0)
  const from = begin * HASH_BYTES
  const to = end * HASH_BYTES
  if (page.entryHashes.compare(page.storedHashes, from, to, from, to) !== 0) return false
  return !isAbsent(page.hasEntry) && !isAbsent(page.hasHash)
}

const split = (hashes: Uint8Array): ReadonlyArray<Uint8Array> =>
  Array.from({ length: hashes.length / HASH_BYTES }, (_, i) => hashes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES))

const placesOf = (page: Page, { begin, end }: IndexRange): ReadonlyArray<Place> =>
  Array.from({ length: end - begin }, (_, offset) => {
    const at = begin + offset
    const hashIn = (hashes: Uint8Array) => hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES)
    return {
      index: page.begin + at,
      entryHash: page.hasEntry[at] === 1 ? hashIn(page.entryHashes) : undefined,
      storedHash: page.hasHash[at] === 1 ? hashIn(page.storedHashes) : undefined
    }
  })

const isFullInnerTile = ({ level, hashes }: Tile): boolean => level > 0 && hashes.length === TILE_WIDTH * HASH_BYTES
