// The two hashes of an RFC 6962 Merkle tree, and the root of a tree given as its perfect subtrees.
import { hash } from "node:crypto"

export const HASH_BYTES = 32
const LEAF_PREFIX = 0x00
const NODE_PREFIX = 0x01

/** SHA-256 of nothing: the root of the empty tree (RFC 6962 §2.1). */
export const EMPTY_ROOT: Uint8Array = hash("sha256", "", "buffer")

/** Hash of a leaf's bytes: SHA-256(0x00 || leaf). */
export const leafHash = (leaf: Uint8Array): Uint8Array => {
  const message = Buffer.allocUnsafe(1 + leaf.length)
  message[0] = LEAF_PREFIX
  message.set(leaf, 1)
  return hash("sha256", message, "buffer")
}

const nodeMessage = Buffer.alloc(1 + 2 * HASH_BYTES, NODE_PREFIX)

/** Hash of an inner node: SHA-256(0x01 || left || right). */
export const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array => {
  nodeMessage.set(left, 1)
  nodeMessage.set(right, 1 + HASH_BYTES)
  return hash("sha256", nodeMessage, "buffer")
}

/** The root above perfect subtrees of falling height that stand side by side, left to right. */
export const foldRoot = (subtrees: ReadonlyArray<Uint8Array>): Uint8Array =>
  subtrees.length === 0 ? EMPTY_ROOT : subtrees.reduceRight((right, left) => nodeHash(left, right))
