// The two hashes of an RFC 6962 Merkle tree, and the root of a tree given as its perfect subtrees.
import { hash } from "node:crypto"

export const HASH_BYTES = 32
const LEAF_PREFIX = 0x00
const NODE_PREFIX = 0x01
/** Longer leaves are possible; they get a buffer of their own. */
const LEAF_BYTES_SHARED = 65_536

/** Measured: a binary string out of OpenSSL into a pooled buffer takes half of the time of `hash(…, "buffer")`. */
const sha256 = (message: Uint8Array): Uint8Array => Buffer.from(hash("sha256", message, "binary"), "latin1")

/** SHA-256 of nothing: the root of the empty tree (RFC 6962 §2.1). */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array())

const leafMessage = Buffer.alloc(1 + LEAF_BYTES_SHARED, LEAF_PREFIX)

/** Hash of a leaf's bytes: SHA-256(0x00 || leaf). */
export const leafHash = (leaf: Uint8Array): Uint8Array => {
  const message = leaf.length > LEAF_BYTES_SHARED ? Buffer.alloc(1 + leaf.length, LEAF_PREFIX) : leafMessage
  message.set(leaf, 1)
  return sha256(message.subarray(0, 1 + leaf.length))
}

/** Writes the hash of a leaf that is nothing but ASCII text, without the detour over bytes. */
export const writeTextLeafHash = (text: string, target: Buffer, offset: number): void => {
  target.write(hash("sha256", `\0${text}`, "binary"), offset, "latin1")
}

const nodeMessage = Buffer.alloc(1 + 2 * HASH_BYTES, NODE_PREFIX)

/** Hash of an inner node: SHA-256(0x01 || left || right). */
export const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array => {
  nodeMessage.set(left, 1)
  nodeMessage.set(right, 1 + HASH_BYTES)
  return sha256(nodeMessage)
}

/** The root above perfect subtrees of falling height that stand side by side, left to right. */
export const foldRoot = (subtrees: ReadonlyArray<Uint8Array>): Uint8Array =>
  subtrees.length === 0 ? EMPTY_ROOT : subtrees.reduceRight((right, left) => nodeHash(left, right))
