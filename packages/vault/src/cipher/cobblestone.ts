// Cobblestone-256: C2SP chunked encryption (c2sp.org/chunked-encryption) with AES-256-GCM and SHA-512. Each message has a key, a base
// nonce and a commitment of its own, expanded from the input key, a random salt and the context; each chunk has its own tag.
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto"
import { decryptGcm, encryptGcm, GCM_TAG_BYTES } from "./gcm.ts"

/** The last chunk is always shorter and may be empty: that is how the end shows. */
export const CHUNK_BYTES = 16 * 1024
export const SEALED_CHUNK_BYTES = CHUNK_BYTES + GCM_TAG_BYTES
export const SALT_BYTES = 24
const KEY_BYTES = 32
const NONCE_BYTES = 12
const COMMITMENT_BYTES = 32
/** Salt and commitment stand in front of the chunks. */
export const PREFIX_BYTES = SALT_BYTES + COMMITMENT_BYTES
/** 4 PiB (c2sp.org/chunked-encryption, "Message chunking"). */
const CHUNKS_MAX = 2 ** 38
const INFO = Buffer.from("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0", "latin1")
const NO_DATA = new Uint8Array(0)

/** The cipher of one message. Whoever opens compares the commitment before the first chunk. */
export class ChunkCipher {
  readonly commitment: Uint8Array
  readonly #key: KeyObject
  readonly #baseNonce: Buffer

  /** `secret`: 32 bytes. `salt`: 24 bytes, new and random for each message. */
  constructor(secret: KeyObject, salt: Uint8Array, context: Uint8Array) {
    if (secret.symmetricKeySize !== KEY_BYTES) throw new RangeError(`A key of a stream has ${KEY_BYTES} bytes.`)
    const expanded = expand(secret, Buffer.concat([INFO, salt, context]))
    this.#key = createSecretKey(expanded.subarray(0, KEY_BYTES))
    this.#baseNonce = Buffer.from(expanded.subarray(KEY_BYTES, KEY_BYTES + NONCE_BYTES))
    this.commitment = Buffer.from(
      expanded.subarray(KEY_BYTES + NONCE_BYTES, KEY_BYTES + NONCE_BYTES + COMMITMENT_BYTES)
    )
    expanded.fill(0)
  }

  isCommittedTo(commitment: Uint8Array): boolean {
    return commitment.length === COMMITMENT_BYTES && timingSafeEqual(commitment, this.commitment)
  }

  /** At most 16 KiB. */
  seal(index: number, chunk: Uint8Array): Uint8Array {
    const { ciphertext, tag } = encryptGcm(this.#input(index), chunk)
    const sealed = Buffer.allocUnsafe(ciphertext.length + GCM_TAG_BYTES)
    sealed.set(ciphertext)
    sealed.set(tag, ciphertext.length)
    return sealed
  }

  /** The chunk, or `undefined` when it was altered, or is not the one with this number. */
  open(index: number, sealed: Uint8Array): Uint8Array | undefined {
    const end = sealed.length - GCM_TAG_BYTES
    if (end < 0) return undefined
    return decryptGcm(this.#input(index), { ciphertext: sealed.subarray(0, end), tag: sealed.subarray(end) })
  }

  #input(index: number) {
    if (index >= CHUNKS_MAX) throw new RangeError(`A sealed stream has at most ${CHUNKS_MAX} chunks.`)
    return { key: this.#key, nonce: nonceOf(this.#baseNonce, index), additionalData: NO_DATA }
  }
}

/** The base nonce, exclusive or the number of the chunk as a big-endian integer of the same width. */
const nonceOf = (base: Buffer, index: number): Buffer => {
  const nonce = Buffer.from(base)
  for (let rest = index, i = NONCE_BYTES - 1; rest > 0; rest = Math.floor(rest / 256), i--) nonce[i]! ^= rest % 256
  return nonce
}

/** HKDF-Expand (RFC 5869 §2.3) with SHA-512, the two blocks of it that are needed. */
const expand = (secret: KeyObject, info: Uint8Array): Buffer => {
  const first = createHmac("sha512", secret)
    .update(info)
    .update(Buffer.from([1]))
    .digest()
  const second = createHmac("sha512", secret)
    .update(first)
    .update(info)
    .update(Buffer.from([2]))
    .digest()
  const expanded = Buffer.concat([first, second])
  first.fill(0)
  second.fill(0)
  return expanded
}
