// RFC 6962 §2.1 in a few lines.
import { hash } from "node:crypto"

export const HASH_BYTES = 32
/** https://c2sp.org/tlog-tiles: entries of a bundle, hashes of a tile. */
export const WIDTH = 256

export const sha256 = (...parts: ReadonlyArray<Uint8Array>): Buffer => hash("sha256", Buffer.concat(parts), "buffer")

const LEAF = Buffer.of(0)
const NODE = Buffer.of(1)
export const leafHash = (leaf: Uint8Array): Buffer => sha256(LEAF, leaf)
const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer => sha256(NODE, left, right)

/** A tree that grows leaf by leaf. */
export class Tree {
  readonly levelOne: Array<Buffer> = []
  #peaks: ReadonlyArray<{ readonly height: number; readonly hash: Buffer }> = []

  add(leaf: Buffer): void {
    const peaks = [...this.#peaks]
    let subtree = { height: 0, hash: leaf }
    while (peaks.at(-1)?.height === subtree.height) {
      subtree = { height: subtree.height + 1, hash: nodeHash(peaks.pop()!.hash, subtree.hash) }
      if (subtree.height === 8) this.levelOne.push(subtree.hash)
    }
    this.#peaks = [...peaks, subtree]
  }

  get root(): Buffer {
    const [last, ...others] = this.#peaks.map(({ hash }) => hash).reverse()
    return last === undefined ? sha256() : others.reduce((right, left) => nodeHash(left, right), last)
  }
}
