// AES-256-GCM (NIST SP 800-38D) with 96-bit nonces and 128-bit tags, nothing else of it.
import { createCipheriv, createDecipheriv } from "node:crypto"
import { CIPHER_OPTIONS, type CipherKey } from "./message-key.ts"

/** Node accepts tags of 4 bytes unless it is told the length (DEP0182). */
export const GCM_TAG_BYTES = CIPHER_OPTIONS.authTagLength

export interface GcmInput {
  /** 256 bits. */
  readonly key: CipherKey
  /** 12 bytes. */
  readonly nonce: Uint8Array
  readonly additionalData: Uint8Array
}

export interface GcmSealed {
  readonly ciphertext: Uint8Array
  readonly tag: Uint8Array
}

export const encryptGcm = (input: GcmInput, plaintext: Uint8Array): GcmSealed => {
  const cipher = createCipheriv("aes-256-gcm", input.key, input.nonce, CIPHER_OPTIONS)
  cipher.setAAD(input.additionalData)
  const ciphertext = cipher.update(plaintext)
  cipher.final()
  return { ciphertext, tag: cipher.getAuthTag() }
}

/** The plaintext, or `undefined` when anything was altered: what was deciphered until then is wiped, never handed out. */
export const decryptGcm = (input: GcmInput, sealed: GcmSealed): Uint8Array | undefined => {
  if (sealed.tag.length !== GCM_TAG_BYTES) return undefined
  const decipher = createDecipheriv("aes-256-gcm", input.key, input.nonce, CIPHER_OPTIONS)
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
