// A sealed slot of an entry: what the entry says about one data subject (docs/spec/audit-log.md §9). The name of a slot is random and
// the key of each is another one, so that slots of one person look like slots of many, to everybody without that person's secret.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto"

export const SECRET_BYTES = 32
/** Of UTF-8 in one slot. */
const SLOT_BYTES_MAX = 4_096

const NAME_BYTES = 16
const TAG_BYTES = 16
const LENGTH_BYTES = 2
/** Lengths are rounded up to this, for a length says something too. */
const PADDING_BYTES = 64
const DOMAIN = "fluxcybers/audit/v1/slot"
/** Each key seals one slot and nothing else. */
const NONCE = Buffer.alloc(12)

export interface Slot {
  readonly name: string
  /** base64. */
  readonly sealed: string
}

export const sealSlot = (secret: Uint8Array, organisation: string, text: string): Slot => {
  const name = randomBytes(NAME_BYTES)
  const cipher = createCipheriv("aes-256-gcm", slotKey(secret, name), NONCE)
  cipher.setAAD(Buffer.from(organisation, "utf8"))
  const sealed = Buffer.concat([cipher.update(padded(text)), cipher.final(), cipher.getAuthTag()])
  return { name: `s${name.toString("hex")}`, sealed: sealed.toString("base64") }
}

/** The text of a slot; `undefined` when it is another subject's, or was altered. */
export const openSlot = (secret: Uint8Array, organisation: string, slot: Slot): string | undefined => {
  const name = /^s([0-9a-f]{32})$/.exec(slot.name)?.[1]
  const sealed = Buffer.from(slot.sealed, "base64")
  if (name === undefined || sealed.length < TAG_BYTES + PADDING_BYTES) return undefined
  const decipher = createDecipheriv("aes-256-gcm", slotKey(secret, Buffer.from(name, "hex")), NONCE)
  decipher.setAAD(Buffer.from(organisation, "utf8"))
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
  try {
    const plain = Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()])
    return plain.toString("utf8", LENGTH_BYTES, LENGTH_BYTES + plain.readUInt16BE(0))
  } catch {
    // Which of the two it was is nobody's business.
    return undefined
  }
}

const slotKey = (secret: Uint8Array, name: Uint8Array): Buffer =>
  Buffer.from(hkdfSync("sha256", secret, name, DOMAIN, SECRET_BYTES))

const padded = (text: string): Buffer => {
  const bytes = Buffer.from(text, "utf8")
  if (bytes.length > SLOT_BYTES_MAX) throw new RangeError(`A slot of an audit entry holds ${SLOT_BYTES_MAX} bytes.`)
  const length = Math.ceil((LENGTH_BYTES + bytes.length) / PADDING_BYTES) * PADDING_BYTES
  const plain = Buffer.alloc(length)
  plain.writeUInt16BE(bytes.length)
  bytes.copy(plain, LENGTH_BYTES)
  return plain
}
