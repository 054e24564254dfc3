// The text of a bearer token or of the one-time owner link: a prefix, 256 random bits, and a CRC-32, so that a leak scanner (and this
// server, before it looks anything up) recognises one without asking anybody.
import { createHash, randomBytes } from "node:crypto"
import { crc32 } from "node:zlib"
import { Redacted } from "effect"

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
const SECRET_BYTES = 32
/** 62^43 > 2^256. */
const SECRET_LENGTH = 43
/** 62^6 > 2^32. */
const CHECKSUM_LENGTH = 6
const SHAPE = new RegExp(`^(fcb|fcl)_[0-9A-Za-z]{${SECRET_LENGTH + CHECKSUM_LENGTH}}$`)

/** `fcb`: a bearer token. `fcl`: the code of an owner link. */
export type TokenPrefix = "fcb" | "fcl"

/** A new token: `fcb_` and 49 characters of base62, the last six its checksum. */
export const newTokenText = (prefix: TokenPrefix): Redacted.Redacted<string> => {
  const body = `${prefix}_${base62(BigInt(`0x${randomBytes(SECRET_BYTES).toString("hex")}`), SECRET_LENGTH)}`
  return Redacted.make(`${body}${checksum(body)}`)
}

/** Has the text the shape of such a token, with the right checksum? A mistyped or cut token has not. */
export const isTokenText = (prefix: TokenPrefix, text: string): boolean =>
  SHAPE.test(text) &&
  text.startsWith(`${prefix}_`) &&
  checksum(text.slice(0, -CHECKSUM_LENGTH)) === text.slice(-CHECKSUM_LENGTH)

/** What is stored of a token. Plain SHA-256 is enough for 256 random bits: there is nothing to guess. */
export const tokenHash = (token: Redacted.Redacted<string>): Uint8Array =>
  new Uint8Array(createHash("sha256").update(Redacted.value(token)).digest())

const checksum = (body: string): string => base62(BigInt(crc32(body)), CHECKSUM_LENGTH)

const base62 = (value: bigint, length: number): string => {
  let rest = value
  let text = ""
  for (let i = 0; i < length; i++) {
    text = ALPHABET[Number(rest % 62n)] + text
    rest /= 62n
  }
  return text
}
