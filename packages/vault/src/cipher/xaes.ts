// KC-XAES-256-GCM: XAES-256-GCM (c2sp.org/XAES-256-GCM) with the 32-byte key commitment of ePrint 2025/758. Each message has its
// own AES-256-GCM key, derived from the first half of a random 192-bit nonce: safe for 2^80 messages under one key.
import { type Cipheriv, createCipheriv, type KeyObject, timingSafeEqual } from "node:crypto"
import { decryptGcm, encryptGcm, type GcmInput, type GcmSealed } from "./gcm.ts"
import { type Holding, messageKey } from "./message-key.ts"

export const XAES_NONCE_BYTES = 24
export const COMMITMENT_BYTES = 32
const BLOCK_BYTES = 16
const KEY_BYTES = 32
/** `N[:12]` derives the key, `N[12:]` is the nonce of AES-256-GCM. */
const HALF_NONCE_BYTES = 12

export interface XaesSealed extends GcmSealed {
  readonly commitment: Uint8Array
}

export interface XaesMessage {
  /** 24 bytes, new and random for each message. */
  readonly nonce: Uint8Array
  readonly additionalData: Uint8Array
  readonly holding: Holding
}

/** For the inside only: whoever asks from outside learns that it did not open, and no more. */
export type XaesRefusal = "wrong-key" | "altered"

/** A 256-bit key made ready: its CMAC subkey and its AES context are kept, so that a message costs five blocks and no key setup. */
export class XaesKey {
  readonly #aes: Cipheriv
  /** Kx = AES(M1 ⊕ K1) ‖ AES(M2 ⊕ K1) with Mi = 00 0i "X" 00 ‖ N[:12]; the third block is "XCMT" ‖ N[:12]. */
  readonly #derivation: Template
  /** The last blocks of CMAC("XCMT" ‖ N ‖ 00 01 00 0i) for i = 1, 2. */
  readonly #commitment: Template

  constructor(key: KeyObject) {
    this.#aes = createCipheriv("aes-256-ecb", key, null).setAutoPadding(false)
    const l = this.#aes.update(new Uint8Array(BLOCK_BYTES))
    const k1 = cmacSubkey(l)
    const derivation = [xor(k1, [0x00, 0x01, 0x58, 0x00]), xor(k1, [0x00, 0x02, 0x58, 0x00]), block(XCMT)]
    const commitment = [xor(k1, lastBytes([0x00, 0x01, 0x00, 0x01])), xor(k1, lastBytes([0x00, 0x01, 0x00, 0x02]))]
    this.#derivation = template(derivation)
    this.#commitment = template(commitment)
    for (const bytes of [l, k1, ...derivation, ...commitment]) bytes.fill(0)
    unreachable.register(this, [...this.#derivation.bytes, ...this.#commitment.bytes])
  }

  seal(message: XaesMessage, plaintext: Uint8Array): XaesSealed {
    const { derived, commitment } = this.#derive(message.nonce)
    const { ciphertext, tag } = encryptGcm(gcmInput(message, derived), plaintext)
    derived.fill(0)
    return { commitment, ciphertext, tag }
  }

  /** Compares the commitment, in constant time, before anything is deciphered. */
  open(message: XaesMessage, sealed: XaesSealed): Uint8Array | XaesRefusal {
    const { derived, commitment } = this.#derive(message.nonce)
    const isRightKey = timingSafeEqual(commitment, sealed.commitment)
    const opened = isRightKey ? (decryptGcm(gcmInput(message, derived), sealed) ?? "altered") : "wrong-key"
    derived.fill(0)
    return opened
  }

  /** `derived` is Kx and one block more; the caller wipes it. */
  #derive(nonce: Uint8Array): { readonly derived: Buffer; readonly commitment: Uint8Array } {
    const blocks = this.#derivation.fresh()
    for (let i = 0; i < HALF_NONCE_BYTES; i++) {
      blocks[4 + i]! ^= nonce[i]!
      blocks[BLOCK_BYTES + 4 + i]! ^= nonce[i]!
      blocks[2 * BLOCK_BYTES + 4 + i]! ^= nonce[i]!
    }
    const derived = this.#aes.update(blocks)
    return { derived, commitment: this.#commit(derived, nonce) }
  }

  #commit(derived: Uint8Array, nonce: Uint8Array): Uint8Array {
    const blocks = this.#commitment.fresh()
    for (let i = 0; i < BLOCK_BYTES; i++) {
      const chained = derived[KEY_BYTES + i]!
      const mixed = i < HALF_NONCE_BYTES ? chained ^ nonce[HALF_NONCE_BYTES + i]! : chained
      blocks[i]! ^= mixed
      blocks[BLOCK_BYTES + i]! ^= mixed
    }
    return this.#aes.update(blocks)
  }
}

const gcmInput = ({ nonce, additionalData, holding }: XaesMessage, derived: Buffer): GcmInput => ({
  key: messageKey(derived.subarray(0, KEY_BYTES), holding),
  nonce: nonce.subarray(HALF_NONCE_BYTES),
  additionalData
})

const XCMT = [0x58, 0x43, 0x4d, 0x54]

/** NIST SP 800-38B §6.1: doubling in GF(2^128). */
const cmacSubkey = (l: Uint8Array): Uint8Array => {
  const doubled = l.map((byte, i) => (byte << 1) | ((l[i + 1] ?? 0) >> 7))
  if (l[0]! >> 7 === 1) doubled[BLOCK_BYTES - 1]! ^= 0b1000_0111
  return doubled
}

const block = (bytes: ReadonlyArray<number>): Uint8Array => {
  const padded = new Uint8Array(BLOCK_BYTES)
  padded.set(bytes)
  return padded
}

const lastBytes = (bytes: ReadonlyArray<number>): ReadonlyArray<number> => [
  ...new Array<number>(BLOCK_BYTES - bytes.length).fill(0),
  ...bytes
]

const xor = (left: Uint8Array, right: ReadonlyArray<number>): Uint8Array =>
  left.map((byte, i) => byte ^ (right[i] ?? 0))

/** What does not depend on the nonce is computed once; each message works on one reused copy. */
interface Template {
  readonly fresh: () => Uint8Array
  /** What it keeps. */
  readonly bytes: ReadonlyArray<Uint8Array>
}

/** Whoever was given a key may still seal with it, so what was derived from it is overwritten when nothing can reach the key any more. */
const unreachable = new FinalizationRegistry<ReadonlyArray<Uint8Array>>((kept) => {
  for (const bytes of kept) bytes.fill(0)
})

const template = (blocks: ReadonlyArray<Uint8Array>): Template => {
  const constant = Buffer.concat(blocks)
  const scratch = Buffer.alloc(constant.length)
  return {
    bytes: [constant, scratch],
    fresh: () => {
      scratch.set(constant)
      return scratch
    }
  }
}
