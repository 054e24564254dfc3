// Merkle trees and their proofs as RFC 6962 §2.1 defines them: pure, and exact beyond 2^53.
import { EMPTY_ROOT, foldRoot, nodeHash } from "./tree-hash.ts"

/** Leaves from `begin` up to, not including, `end`. */
export interface LeafRange {
  readonly begin: bigint
  readonly end: bigint
}

/** A subtree of 2^height leaves that begins at leaf index · 2^height. */
export interface PerfectSubtree {
  readonly height: number
  readonly index: bigint
}

/** Finds the hash of a perfect subtree, in memory or in tiles. */
export type SubtreeHash = (subtree: PerfectSubtree) => Uint8Array

/** The ranges whose hashes prove that a leaf is in the tree, from the leaf's sibling upwards. Throws when it cannot be in it. */
export const inclusionRanges = (index: bigint, size: bigint): ReadonlyArray<LeafRange> => {
  if (index < 0n || index >= size) throw new RangeError("no such leaf in the tree")
  const ranges: Array<LeafRange> = []
  let range: LeafRange = { begin: 0n, end: size }
  while (range.end - range.begin > 1n) {
    const [left, right] = halves(range)
    ranges.push(index < right.begin ? right : left)
    range = index < right.begin ? left : right
  }
  return ranges.reverse()
}

/** The ranges whose hashes prove that the tree of `second` leaves grew out of the one of `first`. Needs 0 < first ≤ second. */
export const consistencyRanges = (first: bigint, second: bigint): ReadonlyArray<LeafRange> => {
  if (first <= 0n || first > second) throw new RangeError("no consistency proof between these sizes")
  const ranges: Array<LeafRange> = []
  let range: LeafRange = { begin: 0n, end: second }
  while (first < range.end) {
    const [left, right] = halves(range)
    ranges.push(first <= right.begin ? right : left)
    range = first <= right.begin ? left : right
  }
  // The verifier knows the first root itself.
  if (range.begin > 0n) ranges.push(range)
  return ranges.reverse()
}

/** Splits at the largest power of two that is smaller than the number of leaves. */
const halves = ({ begin, end }: LeafRange): [LeafRange, LeafRange] => {
  const middle = begin + (1n << BigInt((end - begin - 1n).toString(2).length - 1))
  return [
    { begin, end: middle },
    { begin: middle, end }
  ]
}

/** The perfect subtrees that a range consists of, from left to right; the range must begin where a subtree of its size would. */
export const perfectSubtrees = ({ begin, end }: LeafRange): ReadonlyArray<PerfectSubtree> => {
  const subtrees: Array<PerfectSubtree> = []
  for (let at = begin; at < end; ) {
    const height = (end - at).toString(2).length - 1
    subtrees.push({ height, index: at >> BigInt(height) })
    at += 1n << BigInt(height)
  }
  return subtrees
}

/** Merkle tree hash of a range. */
export const rangeHash = (range: LeafRange, subtreeHash: SubtreeHash): Uint8Array =>
  foldRoot(perfectSubtrees(range).map(subtreeHash))

/** Root of the tree over these leaf hashes. */
export const treeRoot = (leafHashes: ReadonlyArray<Uint8Array>): Uint8Array =>
  rangeHash({ begin: 0n, end: BigInt(leafHashes.length) }, subtreesOver(leafHashes))

/** Finds subtrees in a list of all leaf hashes. */
export const subtreesOver =
  (leafHashes: ReadonlyArray<Uint8Array>): SubtreeHash =>
  ({ height, index }) =>
    perfectHash(leafHashes.slice(Number(index) << height, (Number(index) + 1) << height))

/** Hash above 2^n neighbouring hashes. */
export const perfectHash = (hashes: ReadonlyArray<Uint8Array>): Uint8Array => {
  let row = hashes
  while (row.length > 1) {
    const above: Array<Uint8Array> = []
    for (let i = 0; i < row.length; i += 2) above.push(nodeHash(row[i]!, row[i + 1]!))
    row = above
  }
  return row[0] ?? EMPTY_ROOT
}
