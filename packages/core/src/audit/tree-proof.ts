// Checking proofs about a Merkle tree (RFC 9162 §2.1.3.2 and §2.1.4.2): pure, and exact beyond 2^53. False means: not proven.
import { EMPTY_ROOT, HASH_BYTES, nodeHash } from "./tree-hash.ts"

/** Proof lengths are bounded by the tree's height. */
const PROOF_HASHES_MAX = 64

export interface InclusionClaim {
  readonly index: bigint
  readonly size: bigint
  readonly leafHash: Uint8Array
  readonly proof: ReadonlyArray<Uint8Array>
  readonly root: Uint8Array
}

/** True when the proof leads from the leaf to the root. */
export const verifyInclusion = ({ index, size, leafHash, proof, root }: InclusionClaim): boolean => {
  if (index < 0n || index >= size || !areHashes([leafHash, root, ...proof])) return false
  let position = index
  let last = size - 1n
  let hash = leafHash
  for (const sibling of proof) {
    if (last === 0n) return false
    if ((position & 1n) === 1n || position === last) {
      hash = nodeHash(sibling, hash)
      const levels = trailingZeros(position)
      position >>= levels
      last >>= levels
    } else {
      hash = nodeHash(hash, sibling)
    }
    position >>= 1n
    last >>= 1n
  }
  return last === 0n && equal(hash, root)
}

export interface ConsistencyClaim {
  readonly first: bigint
  readonly second: bigint
  readonly firstRoot: Uint8Array
  readonly secondRoot: Uint8Array
  readonly proof: ReadonlyArray<Uint8Array>
}

/** True when the proof shows that the second tree begins with the first. Nothing can be shown about an empty first tree but equality. */
export const verifyConsistency = ({ first, second, firstRoot, secondRoot, proof }: ConsistencyClaim): boolean => {
  if (first < 0n || first > second || proof.length > PROOF_HASHES_MAX) return false
  if (first === second) {
    return proof.length === 0 && equal(firstRoot, secondRoot) && (first > 0n || equal(firstRoot, EMPTY_ROOT))
  }
  if (first === 0n || !areHashes([firstRoot, secondRoot, ...proof])) return false
  // RFC 9162 §2.1.4.2 step 2: of a full first tree the verifier supplies the root itself.
  const [start, ...path] = isPowerOfTwo(first) ? [firstRoot, ...proof] : proof
  if (start === undefined) return false
  const levels = trailingZeros(~(first - 1n))
  return climb({ position: (first - 1n) >> levels, last: (second - 1n) >> levels, start, path, firstRoot, secondRoot })
}

/** RFC 9162 §2.1.4.2 steps 4 to 7. */
const climb = (at: {
  readonly position: bigint
  readonly last: bigint
  readonly start: Uint8Array
  readonly path: ReadonlyArray<Uint8Array>
  readonly firstRoot: Uint8Array
  readonly secondRoot: Uint8Array
}): boolean => {
  let { position, last } = at
  let first = at.start
  let second = at.start
  for (const hash of at.path) {
    if (last === 0n) return false
    if ((position & 1n) === 1n || position === last) {
      first = nodeHash(hash, first)
      second = nodeHash(hash, second)
      const levels = trailingZeros(position)
      position >>= levels
      last >>= levels
    } else {
      second = nodeHash(second, hash)
    }
    position >>= 1n
    last >>= 1n
  }
  return last === 0n && equal(first, at.firstRoot) && equal(second, at.secondRoot)
}

/** How often a position can be halved before it is odd; 0 for 0. */
const trailingZeros = (value: bigint): bigint => {
  if (value === 0n) return 0n
  let zeros = 0n
  while (((value >> zeros) & 1n) === 0n) zeros++
  return zeros
}

const isPowerOfTwo = (value: bigint): boolean => (value & (value - 1n)) === 0n

const areHashes = (hashes: ReadonlyArray<Uint8Array>): boolean =>
  hashes.length <= PROOF_HASHES_MAX + 2 && hashes.every((hash) => hash.length === HASH_BYTES)

const equal = (a: Uint8Array, b: Uint8Array): boolean => Buffer.from(a).equals(b)
