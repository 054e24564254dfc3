// The tree while it is verified: two versions of the part since the last good checkpoint, one from the entries and one from the
// stored hashes. The signed root says which of the two is right, so that one changed byte is one problem and not a thousand.
import type { Checkpoint } from "./checkpoint.ts"
import { EMPTY_EDGE, edgeRoot, extend, type Tile, type TreeEdge } from "./tree-edge.ts"
import type { VerificationProblem } from "./verify.ts"

/** One place in the log: the hash of the entry that stands there, and the stored hash. Either may be missing. */
export interface Place {
  readonly index: number
  readonly entryHash: Uint8Array | undefined
  readonly storedHash: Uint8Array | undefined
}

/** Places kept for an explanation; further ones are counted by the caller's limit anyway. */
const DOUBTS_MAX = 1_000
const ABSENT = new Uint8Array(32)

export interface Verdict {
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

  get edge(): TreeEdge {
    return this.#fromEntries
  }

  append(places: ReadonlyArray<Place>): void {
    const differing = places.filter(({ entryHash, storedHash }) => !isSame(entryHash, storedHash))
    this.#doubts.push(...differing.slice(0, DOUBTS_MAX - this.#doubts.length))
    const entries = extend(
      this.#fromEntries,
      places.map(({ entryHash, storedHash }) => entryHash ?? storedHash ?? ABSENT)
    )
    const isParted = differing.length > 0 || this.#fromEntries !== this.#fromHashes
    const hashes = isParted
      ? extend(
          this.#fromHashes,
          places.map(({ entryHash, storedHash }) => storedHash ?? entryHash ?? ABSENT)
        )
      : entries
    this.#fromEntries = entries.edge
    this.#fromHashes = hashes.edge
    this.#entryTiles.push(...entries.tiles.filter(isFullInnerTile))
    this.#hashTiles.push(...hashes.tiles.filter(isFullInnerTile))
  }

  /** Compares both versions with a signed root, and goes on with the one that it confirms. */
  judge({ size, root }: Pick<Checkpoint, "size" | "root">): Verdict {
    const areEntriesRight = isSame(edgeRoot(this.#fromEntries), root)
    const areHashesRight = !areEntriesRight && isSame(edgeRoot(this.#fromHashes), root)
    const tiles = areEntriesRight ? this.#entryTiles : this.#hashTiles
    const problems: ReadonlyArray<VerificationProblem> = [
      ...this.#doubts.map((place) => problemOf(place, areEntriesRight, this.#doubts)),
      ...(areEntriesRight || areHashesRight ? [] : [wrongRoot(Number(size))])
    ]
    if (areEntriesRight) this.#fromHashes = this.#fromEntries
    else this.#fromEntries = this.#fromHashes
    this.#entryTiles = []
    this.#hashTiles = []
    this.#doubts = []
    return { problems, tiles }
  }
}

const wrongRoot = (size: number): VerificationProblem => ({
  kind: "wrong-root",
  index: size,
  detail: `the signed root of the first ${size} entries is not theirs`
})

const problemOf = (place: Place, areEntriesRight: boolean, doubts: ReadonlyArray<Place>): VerificationProblem => {
  const { index, entryHash, storedHash } = place
  if (entryHash === undefined) return { kind: "missing-entry", index, detail: "the entry is gone" }
  if (areEntriesRight || storedHash === undefined) {
    return { kind: "invalid-tile", index, detail: "the stored hash of this entry is not the signed one" }
  }
  const home = doubts.find((other) => other.index !== index && isSame(other.storedHash, entryHash))
  return home === undefined
    ? { kind: "invalid-entry", index, detail: "the entry is not the one that was signed" }
    : { kind: "moved", index, detail: `this entry was signed at index ${home.index}` }
}

const isFullInnerTile = ({ level, hashes }: Tile): boolean => level > 0 && hashes.length === 256 * 32

export const isSame = (one: Uint8Array | undefined, other: Uint8Array | undefined): boolean =>
  one !== undefined && other !== undefined && Buffer.compare(one, other) === 0
