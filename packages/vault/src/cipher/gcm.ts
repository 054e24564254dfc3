// AES-256-GCM (NIST SP 800-38D) with 96-bit nonces and 128-bit tags, nothing else of it.
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from "node:crypto"

export const GCM_TAG_BYTES = 16

/** Node accepts tags of 4 bytes unless it is told the length (DEP0182). */
const TAG_LENGTH = { authTagLength: GCM_TAG_BYTES } as const

export interface GcmInput {
  /** 32 bytes that seal one message and are wiped after it, or a key that seals several. */
  readonly key: Uint8Array | KeyObject
  /** 12 bytes. */
  readonly nonce: Uint8Array
  readonly additionalData: Uint8Array
}

export interface GcmSealed {
  readonly ciphertext: Uint8Array
  readonly tag: Uint8Array
}

export const encryptGcm = (input: GcmInput, plaintext: Uint8Array): GcmSealed => {
  const cipher = createCipheriv("aes-256-gcm", cipherKey(input.key), input.nonce)
  cipher.setAAD(input.additionalData)
  const ciphertext = cipher.update(plaintext)
  cipher.final()
  return { ciphertext, tag: cipher.getAuthTag() }
}

/** The plaintext, or `undefined` when anything was altered: what was deciphered until then is wiped, never handed out. */
export const decryptGcm = (input: GcmInput, sealed: GcmSealed): Uint8Array | undefined => {
  if (sealed.tag.length !== GCM_TAG_BYTES) return undefined
  const decipher = createDecipheriv("aes-256-gcm", cipherKey(input.key), input.nonce, TAG_LENGTH)
  decipher.setAAD(input.additionalData)
  decipher.setAuthTag(sealed.tag)
  const plaintext = decipher.update(sealed.ciphertext)
  try {
    decipher.final()
    return plaintext
  } catch {
    plaintext.fill(0)
    return undefined
  }
}

let isBufferFaster: boolean | undefined

const cipherKey = (key: Uint8Array | KeyObject): KeyObject | Uint8Array => {
  if (!(key instanceof Uint8Array)) return key
  isBufferFaster ??= probeBufferKeys()
  return isBufferFaster ? key : createSecretKey(key)
}

const PROBE_ROUNDS = 5
const PROBE_CIPHERS = 20

/** Some releases of Node charge 10 to 20 µs for a cipher with a raw key and none for a KeyObject, others the reverse: measure once. */
const probeBufferKeys = (): boolean => {
  const key = new Uint8Array(32)
  const fastest = { buffer: Number.POSITIVE_INFINITY, keyObject: Number.POSITIVE_INFINITY }
  for (let round = 0; round < PROBE_ROUNDS; round++) {
    fastest.buffer = Math.min(
      fastest.buffer,
      timeCiphers(() => key)
    )
    fastest.keyObject = Math.min(
      fastest.keyObject,
      timeCiphers(() => createSecretKey(key))
    )
  }
  return fastest.buffer < fastest.keyObject
}

const timeCiphers = (key: () => KeyObject | Uint8Array): number => {
  const nonce = new Uint8Array(12)
  const startedAt = process.hrtime.bigint()
  for (let i = 0; i < PROBE_CIPHERS; i++) createCipheriv("aes-256-gcm", key(), nonce, TAG_LENGTH)
  return Number(process.hrtime.bigint() - startedAt)
}
