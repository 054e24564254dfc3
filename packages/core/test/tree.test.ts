import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { subtreesIn, tilesFor } from "../src/audit/tiles.ts"
import { consistencyRanges, inclusionRanges, rangeHash, subtreesOver, treeRoot } from "../src/audit/tree.ts"
import { EMPTY_EDGE, edgeFromTiles, edgeRoot, extend, type Tile, type TreeEdge } from "../src/audit/tree-edge.ts"
import { leafHash } from "../src/audit/tree-hash.ts"
import { verifyConsistency, verifyInclusion } from "../src/audit/tree-proof.ts"

const VECTORS = join(import.meta.dirname, "../../../docs/spec/vectors/merkle")

/** The vectors' numbers exceed 2^53: they are read as text. */
const cases = <Case>(folder: string): ReadonlyArray<{ readonly name: string; readonly vector: Case }> =>
  readdirSync(join(VECTORS, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".json"))
    .sort()
    .map((name) => {
      const json = readFileSync(join(VECTORS, folder, name), "utf8")
      return { name, vector: JSON.parse(json.replace(/": (\d+)/g, '": "$1"')) as Case }
    })

const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"))

interface InclusionCase {
  readonly leafIdx: string
  readonly treeSize: string
  readonly root: string
  readonly leafHash: string
  readonly proof: ReadonlyArray<string> | null
  readonly wantErr: boolean
}

describe("inclusion proofs of transparency-dev/merkle", () => {
  it.each(cases<InclusionCase>("inclusion"))("$name", ({ vector }) => {
    const proven = verifyInclusion({
      index: BigInt(vector.leafIdx),
      size: BigInt(vector.treeSize),
      root: bytes(vector.root),
      leafHash: bytes(vector.leafHash),
      proof: (vector.proof ?? []).map(bytes)
    })
    expect(proven).toBe(!vector.wantErr)
  })
})

interface ConsistencyCase {
  readonly size1: string
  readonly size2: string
  readonly root1: string
  readonly root2: string
  readonly proof: ReadonlyArray<string> | null
  readonly wantErr: boolean
}

describe("consistency proofs of transparency-dev/merkle", () => {
  it.each(cases<ConsistencyCase>("consistency"))("$name", ({ vector }) => {
    const proven = verifyConsistency({
      first: BigInt(vector.size1),
      second: BigInt(vector.size2),
      firstRoot: bytes(vector.root1),
      secondRoot: bytes(vector.root2),
      proof: (vector.proof ?? []).map(bytes)
    })
    expect(proven).toBe(!vector.wantErr)
  })
})

const LEAVES = Array.from({ length: 1_000 }, (_, i) => leafHash(Buffer.from(`leaf ${i}`)))
const flipped = (hash: Uint8Array, bit: number) =>
  hash.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))

const treeAndLeaf = fc
  .integer({ min: 1, max: LEAVES.length })
  .chain((size) =>
    fc.record({ size: fc.constant(size), index: fc.integer({ min: 0, max: size - 1 }), bit: fc.nat(255) })
  )

describe("proofs of our own", () => {
  it("every leaf of a tree is proven, and no flipped bit is", () => {
    fc.assert(
      fc.property(treeAndLeaf, fc.nat(), ({ size, index, bit }, which) => {
        const leaves = LEAVES.slice(0, size)
        const claim = {
          index: BigInt(index),
          size: BigInt(size),
          leafHash: leaves[index]!,
          root: treeRoot(leaves),
          proof: inclusionRanges(BigInt(index), BigInt(size)).map((range) => rangeHash(range, subtreesOver(leaves)))
        }
        expect(verifyInclusion(claim)).toBe(true)
        const broken = claim.proof.map((hash, i) => (i === which % claim.proof.length ? flipped(hash, bit) : hash))
        if (broken.length > 0) expect(verifyInclusion({ ...claim, proof: broken })).toBe(false)
        expect(verifyInclusion({ ...claim, leafHash: flipped(claim.leafHash, bit) })).toBe(false)
        expect(verifyInclusion({ ...claim, root: flipped(claim.root, bit) })).toBe(false)
        if (size > 1) expect(verifyInclusion({ ...claim, index: BigInt((index + 1) % size) })).toBe(false)
      })
    )
  })

  it("every tree is proven to begin with every smaller one, and no flipped bit is", () => {
    fc.assert(
      fc.property(treeAndLeaf, fc.nat(), ({ size, index, bit }, which) => {
        const first = index + 1
        const leaves = LEAVES.slice(0, size)
        const claim = {
          first: BigInt(first),
          second: BigInt(size),
          firstRoot: treeRoot(leaves.slice(0, first)),
          secondRoot: treeRoot(leaves),
          proof: consistencyRanges(BigInt(first), BigInt(size)).map((range) => rangeHash(range, subtreesOver(leaves)))
        }
        expect(verifyConsistency(claim)).toBe(true)
        const broken = claim.proof.map((hash, i) => (i === which % claim.proof.length ? flipped(hash, bit) : hash))
        if (broken.length > 0) expect(verifyConsistency({ ...claim, proof: broken })).toBe(false)
        expect(verifyConsistency({ ...claim, firstRoot: flipped(claim.firstRoot, bit) })).toBe(false)
        expect(verifyConsistency({ ...claim, secondRoot: flipped(claim.secondRoot, bit) })).toBe(false)
      })
    )
  })
})

const hex = (hash: Uint8Array) => Buffer.from(hash).toString("hex")
const places = (tiles: ReadonlyArray<Tile>) =>
  tiles.map((tile) => `${tile.level}/${tile.index} ${hex(tile.hashes)}`).sort()

/** Appends the leaves in batches and keeps the tiles as a store would. */
const grow = (batches: ReadonlyArray<number>) => {
  const stored = new Map<string, Tile>()
  let edge: TreeEdge = EMPTY_EDGE
  for (const size of batches) {
    const grown = extend(edge, LEAVES.slice(edge.size, edge.size + size))
    edge = grown.edge
    for (const tile of grown.tiles) stored.set(`${tile.level}/${tile.index}`, tile)
  }
  return { edge, tiles: [...stored.values()] }
}

const batches = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 6 }).filter((sizes) => {
  const total = sizes.reduce((a, b) => a + b, 0)
  return total > 0 && total <= LEAVES.length
})

describe("a growing tree", () => {
  it("has the same root and tiles however it was cut into batches, and is rebuilt from its tiles", () => {
    fc.assert(
      fc.property(batches, (sizes) => {
        const { edge, tiles } = grow(sizes)
        expect(edgeRoot(edge)).toEqual(treeRoot(LEAVES.slice(0, edge.size)))
        const rebuilt = edgeFromTiles(edge.size, tiles)!
        expect(hex(edgeRoot(rebuilt))).toBe(hex(edgeRoot(edge)))
        expect(places(rebuilt.partial)).toEqual(places(edge.partial))
        expect(places(tiles)).toEqual(places(grow([edge.size]).tiles))
      }),
      { numRuns: 50 }
    )
  })

  it("gives the proofs from its tiles alone", () => {
    const { tiles } = grow([1_000])
    const ranges = [inclusionRanges(700n, 999n), consistencyRanges(513n, 1_000n)].flat()
    const needed = tilesFor(ranges)
    const found = tiles.filter((tile) =>
      needed.some(({ level, index }) => tile.level === level && tile.index === index)
    )
    expect(found.length).toBe(needed.length)
    expect(ranges.map((range) => hex(rangeHash(range, subtreesIn(found))))).toEqual(
      ranges.map((range) => hex(rangeHash(range, subtreesOver(LEAVES))))
    )
  })
})
