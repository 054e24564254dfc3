// The Ed25519 keys of signed notes (https://c2sp.org/signed-note) in the encodings of golang.org/x/mod/sumdb/note:
// `PRIVATE+KEY+<name>+<id>+<base64>` signs, `<name>+<id>+<base64>` verifies.
import { createPrivateKey, createPublicKey, hash, type KeyObject, randomBytes, sign, verify } from "node:crypto"
import { Redacted, Result, Schema } from "effect"
import { fromBase64, toBase64 } from "./base64.ts"

/** Signature types of keys (https://c2sp.org/signed-note#signature-types). */
export const ED25519 = 0x01
export const COSIGNATURE = 0x04
/** A log signs checkpoints, a witness cosigns them. */
export type KeyType = typeof ED25519 | typeof COSIGNATURE

const PRIVATE = "PRIVATE+KEY+"
const KEY_BYTES = 32
// RFC 8410: the DER that stands in front of a raw Ed25519 key.
const PRIVATE_DER = Buffer.from("302e020100300506032b657004220420", "hex")
const PUBLIC_DER = Buffer.from("302a300506032b6570032100", "hex")

/** Text that is not a key of a signed note. Never repeats the text. */
export class InvalidKey extends Schema.TaggedError<InvalidKey>()("InvalidKey", {
  reason: Schema.Literals(["not-a-signing-key", "not-a-verifier-key", "invalid-name"])
}) {
  override get message() {
    return {
      "not-a-signing-key": "This is not a signing key: PRIVATE+KEY+<name>+<id>+<base64> is expected, in one line.",
      "not-a-verifier-key": "This is not a verifier key: <name>+<id>+<base64> is expected, in one line.",
      "invalid-name": "The name of a log has 1 to 255 characters, without spaces, control characters and plus signs."
    }[this.reason]
  }
}

/** Checks the notes of one key. */
export interface NoteVerifier {
  readonly name: string
  /** First four bytes of SHA-256(name || 0x0A || 0x01 || public key), big-endian. */
  readonly keyId: number
  /** `<name>+<id>+<base64>`. */
  readonly text: string
  verify(message: Uint8Array, signature: Uint8Array): boolean
}

/** Signs notes. The private key stays inside: nothing that prints this object shows it. */
export interface NoteSigner {
  readonly name: string
  readonly keyId: number
  readonly verifier: NoteVerifier
  sign(message: Uint8Array): Uint8Array
}

/** A new signing key for the log of this name, as it is written to a key file. */
export const generateSigningKey = (name: string): Result.Result<Redacted.Redacted<string>, InvalidKey> =>
  signingKeyText(name, randomBytes(KEY_BYTES))

/** A signing key that lives in this process only: for tests and throwaway logs. Throws `InvalidKey` for an invalid name. */
export const ephemeralSigningKey = (name: string): NoteSigner =>
  Result.getOrThrow(Result.flatMap(generateSigningKey(name), parseSigningKey))

/** The signing key with this 32-byte seed: the same seed is the same key, which is what tests want. */
export const signingKeyText = (
  name: string,
  seed: Uint8Array
): Result.Result<Redacted.Redacted<string>, InvalidKey> => {
  if (!isKeyName(name)) return Result.fail(new InvalidKey({ reason: "invalid-name" }))
  if (seed.length !== KEY_BYTES) return Result.fail(new InvalidKey({ reason: "not-a-signing-key" }))
  return Result.succeed(Redacted.make(keyText(name, seed, ED25519)))
}

/** The text of a private key of this type. */
export const keyText = (name: string, seed: Uint8Array, type: KeyType): string => {
  const id = keyIdHex(name, rawPublicKey(privateKey(seed)), type)
  return `PRIVATE+KEY+${name}+${id}+${toBase64(Buffer.of(type, ...seed))}`
}

/** Reads a signing key. */
export const parseSigningKey = (text: Redacted.Redacted<string>): Result.Result<NoteSigner, InvalidKey> => {
  const pair = parseKeyPair(text, ED25519)
  if (pair === undefined) return Result.fail(new InvalidKey({ reason: "not-a-signing-key" }))
  const verifier = verifierOf(pair.name, pair.publicKey)
  const { name, keyId } = verifier
  return Result.succeed({ name, keyId, verifier, sign: pair.sign })
}

/** Reads a private key of a type; `undefined` for anything else. */
export const parseKeyPair = (text: Redacted.Redacted<string>, type: KeyType) => {
  const value = Redacted.value(text)
  const parts = value.startsWith(PRIVATE) ? keyParts(value.slice(PRIVATE.length), type) : undefined
  if (parts === undefined) return undefined
  const key = privateKey(parts.key)
  const publicKey = rawPublicKey(key)
  if (keyIdHex(parts.name, publicKey, type) !== parts.id) return undefined
  return { name: parts.name, publicKey, sign: (message: Uint8Array): Uint8Array => sign(null, message, key) }
}

/** Reads a verifier key. */
export const parseVerifierKey = (text: string): Result.Result<NoteVerifier, InvalidKey> => {
  const parts = parsePublicKey(text, ED25519)
  return parts === undefined
    ? Result.fail(new InvalidKey({ reason: "not-a-verifier-key" }))
    : Result.succeed(verifierOf(parts.name, parts.key))
}

/** Reads a verifier key of a type; `undefined` for anything else. */
export const parsePublicKey = (text: string, type: KeyType) => {
  const parts = keyParts(text, type)
  return parts !== undefined && keyIdHex(parts.name, parts.key, type) === parts.id ? parts : undefined
}

const NAME_LENGTH_MAX = 255

/** Non-empty, without Unicode spaces, control characters and plus signs. */
export const isKeyName = (name: string): boolean =>
  name.length > 0 && name.length <= NAME_LENGTH_MAX && name.isWellFormed() && !/[\p{White_Space}\p{Cc}+]/u.test(name)

const keyParts = (text: string, type: KeyType) => {
  const [name, id, key, ...rest] = text.split("+")
  // Base 64 may itself contain plus signs.
  const bytes = key === undefined ? undefined : fromBase64([key, ...rest].join("+"))
  if (name === undefined || id === undefined || bytes === undefined) return undefined
  if (!isKeyName(name) || bytes.length !== 1 + KEY_BYTES || bytes[0] !== type) return undefined
  return { name, id, key: bytes.slice(1) }
}

const verifierOf = (name: string, publicKey: Uint8Array): NoteVerifier => ({
  ...describeKey(name, publicKey, ED25519),
  verify: signatureCheck(publicKey)
})

/** What is public about a key. */
export const describeKey = (name: string, publicKey: Uint8Array, type: KeyType) => {
  const id = keyIdHex(name, publicKey, type)
  const text = `${name}+${id}+${toBase64(Buffer.of(type, ...publicKey))}`
  return { name, keyId: Number.parseInt(id, 16), text }
}

/** Ed25519 (RFC 8032) with a raw public key. */
export const signatureCheck = (publicKey: Uint8Array) => {
  const key = createPublicKey({ key: Buffer.concat([PUBLIC_DER, publicKey]), format: "der", type: "spki" })
  return (message: Uint8Array, signature: Uint8Array): boolean => verify(null, message, key, signature)
}

const privateKey = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PRIVATE_DER, seed]), format: "der", type: "pkcs8" })

const rawPublicKey = (key: KeyObject): Uint8Array =>
  createPublicKey(key).export({ format: "der", type: "spki" }).subarray(PUBLIC_DER.length)

const keyIdHex = (name: string, publicKey: Uint8Array, type: KeyType): string =>
  hash("sha256", Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(type), publicKey])).slice(0, 8)
