// Cuts pieces of any size into chunks of one size and a shorter last one. Holds less than one chunk at a time.

export class Chunker {
  readonly #room: Uint8Array
  #filled = 0

  constructor(chunkBytes: number) {
    this.#room = Buffer.allocUnsafeSlow(chunkBytes)
  }

  /** The chunks that are whole with this piece. Each is valid until the next is asked for. */
  *push(piece: Uint8Array): Generator<Uint8Array, void> {
    let rest = piece
    if (this.#filled > 0) {
      rest = this.#keep(rest)
      if (this.#filled === this.#room.length) yield this.#take()
    }
    const { length } = this.#room
    for (; rest.length >= length; rest = rest.subarray(length)) yield rest.subarray(0, length)
    this.#keep(rest)
  }

  /** The last chunk: shorter than the others, or empty. */
  end(): Uint8Array {
    return this.#take()
  }

  wipe(): void {
    this.#room.fill(0)
  }

  /** Takes what there is room for and gives the rest back. */
  #keep(piece: Uint8Array): Uint8Array {
    const taken = piece.subarray(0, this.#room.length - this.#filled)
    this.#room.set(taken, this.#filled)
    this.#filled += taken.length
    return piece.subarray(taken.length)
  }

  #take(): Uint8Array {
    const chunk = this.#room.subarray(0, this.#filled)
    this.#filled = 0
    return chunk
  }
}
