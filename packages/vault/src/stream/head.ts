// Collects the head of a stream out of pieces of any size.
import { STREAM_HEAD_BYTES } from "./sealed-stream.ts"

export class HeadCollector {
  readonly #head = Buffer.alloc(STREAM_HEAD_BYTES)
  #filled = 0

  /** What follows the head once it is whole, `undefined` before. */
  push(piece: Uint8Array): Uint8Array | undefined {
    const taken = piece.subarray(0, STREAM_HEAD_BYTES - this.#filled)
    this.#head.set(taken, this.#filled)
    this.#filled += taken.length
    return this.#filled === STREAM_HEAD_BYTES ? piece.subarray(taken.length) : undefined
  }

  /** Shorter than a head when the stream was. */
  get head(): Uint8Array {
    return this.#head.subarray(0, this.#filled)
  }
}
