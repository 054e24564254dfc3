// One message of C2SP chunked encryption, from its salt to its last chunk. Pieces go in, chunks come out; what is held is less than
// one chunk.

import type { KeyObject } from "node:crypto"
import { CipherFailed } from "@fluxcybers/core"
import { CHUNK_BYTES, ChunkCipher, PREFIX_BYTES, SALT_BYTES, SEALED_CHUNK_BYTES } from "../cipher/cobblestone.ts"
import { Chunker } from "./chunker.ts"

/** `prefix`, then what `push` gives for every piece, then `end`. */
export class MessageSealer {
  readonly prefix: Uint8Array
  readonly #cipher: ChunkCipher
  readonly #chunker = new Chunker(CHUNK_BYTES)
  #index = 0

  /** `salt`: 24 bytes, new and random for each message. */
  constructor(secret: KeyObject, salt: Uint8Array, context: Uint8Array) {
    this.#cipher = new ChunkCipher(secret, salt, context)
    this.prefix = Buffer.concat([salt, this.#cipher.commitment])
  }

  *push(piece: Uint8Array): Generator<Uint8Array, void> {
    for (const chunk of this.#chunker.push(piece)) yield this.#cipher.seal(this.#index++, chunk)
  }

  end(): Uint8Array {
    const sealed = this.#cipher.seal(this.#index++, this.#chunker.end())
    this.#chunker.wipe()
    return sealed
  }
}

/** The cipher that a prefix commits to, or `undefined` for another key or context. Nothing has been deciphered then. */
export const committedCipher = (
  secret: KeyObject,
  prefix: Uint8Array,
  context: Uint8Array
): ChunkCipher | undefined => {
  if (prefix.length !== PREFIX_BYTES) return undefined
  const cipher = new ChunkCipher(secret, prefix.subarray(0, SALT_BYTES), context)
  return cipher.isCommittedTo(prefix.subarray(SALT_BYTES)) ? cipher : undefined
}

/**
 * Opens the chunks behind a prefix. Every chunk that it gives was authenticated, at its position; whether the message was cut off
 * shows only at `end`, so nothing that was read may count before. Throws `CipherFailed`, and keeps throwing it.
 */
export class MessageOpener {
  readonly #cipher: ChunkCipher
  readonly #chunker = new Chunker(SEALED_CHUNK_BYTES)
  #index = 0
  #isBroken = false

  constructor(cipher: ChunkCipher) {
    this.#cipher = cipher
  }

  *push(piece: Uint8Array): Generator<Uint8Array, void> {
    for (const sealed of this.#chunker.push(piece)) yield this.#open(sealed)
  }

  end(): Uint8Array {
    return this.#open(this.#chunker.end())
  }

  #open(sealed: Uint8Array): Uint8Array {
    const chunk = this.#isBroken ? undefined : this.#cipher.open(this.#index++, sealed)
    this.#isBroken ||= chunk === undefined
    return chunk ?? refuse()
  }
}

export const refuse = (): never => {
  throw new CipherFailed({ reason: "cannot-open" })
}
