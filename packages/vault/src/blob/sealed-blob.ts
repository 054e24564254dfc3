// Sealed blob v1 (docs/spec/sealed-blob.md): header, nonce, key commitment, ciphertext, tag. The header and the place where the
// value belongs are authenticated; the place is not stored.
import type { KeyObject } from "node:crypto"
import { Result, Schema } from "effect"
import type { GcmSealed } from "../cipher/gcm.ts"
import { GCM_TAG_BYTES } from "../cipher/gcm.ts"
import { fillNonce } from "../cipher/nonce.ts"
import { COMMITMENT_BYTES, XAES_NONCE_BYTES, XaesKey, type XaesRefusal } from "../cipher/xaes.ts"
import { additionalData } from "./context.ts"

/** What a sealed value is. A stream is not a blob: it has the same header, and then chunks (docs/spec/stream.md). */
export const SUITES = { record: 0x01, wrappedKey: 0x02, stream: 0x03 } as const
/** What a blob holds. */
export type Suite = "record" | "wrappedKey"

export const HEADER_BYTES = 16
const NONCE_OFFSET = HEADER_BYTES
const COMMITMENT_OFFSET = NONCE_OFFSET + XAES_NONCE_BYTES
const CIPHERTEXT_OFFSET = COMMITMENT_OFFSET + COMMITMENT_BYTES
const KEY_ID_OFFSET = 4
/** A sealed value is this much longer than what it holds. */
export const BLOB_OVERHEAD_BYTES = CIPHERTEXT_OFFSET + GCM_TAG_BYTES
/** Longer values belong in a stream: a blob is held in memory whole. */
export const PLAINTEXT_BYTES_MAX = 64 * 1024 * 1024

/** 96 random bits that name a key: 24 hexadecimal digits. */
export const KeyId = Schema.String.check(
  Schema.isPattern(/^[0-9a-f]{24}$/, { expected: "a key id of 24 hexadecimal digits" })
).pipe(Schema.brand("KeyId"))
export type KeyId = typeof KeyId.Type
const KEY_VERSION_MAX = 0xffff

/** A key that is ready to seal and to open. It prints nothing of itself. */
export interface SealingKey {
  readonly id: KeyId
  /** 1 to 65,535. */
  readonly version: number
  readonly xaes: XaesKey
  /** The key itself, for streams. It prints nothing either. */
  readonly secret: KeyObject
  readonly headers: Readonly<Record<keyof typeof SUITES, Uint8Array>>
}

export const sealingKey = (name: { readonly id: KeyId; readonly version: number }, key: KeyObject): SealingKey => ({
  id: name.id,
  version: name.version,
  xaes: new XaesKey(key),
  secret: key,
  headers: {
    record: header("record", name),
    wrappedKey: header("wrappedKey", name),
    stream: header("stream", name)
  }
})

const header = (
  suite: keyof typeof SUITES,
  { id, version }: { readonly id: KeyId; readonly version: number }
): Uint8Array => {
  if (version < 1 || version > KEY_VERSION_MAX) throw new RangeError(`A key's version is 1 to ${KEY_VERSION_MAX}.`)
  return Buffer.from([SUITES[suite], 0, version >> 8, version & 0xff, ...Buffer.from(id, "hex")])
}

/** The bytes are no sealed blob of this version. Nothing was deciphered. */
export class MalformedBlob extends Schema.TaggedError<MalformedBlob>()("MalformedBlob", {
  reason: Schema.Literals(["suite", "flags", "length", "text"])
}) {
  override get message() {
    return EXPLANATIONS[this.reason]
  }
}

const EXPLANATIONS = {
  suite: "This is no sealed value, or one of a newer release: its suite is unknown. Nothing was opened.",
  flags: "This sealed value has flags that this release does not know. Nothing was opened.",
  length: "This sealed value was cut off or is too long. Nothing was opened.",
  text: 'This is no sealed value: its text form is "fv1." and unpadded base64url. Nothing was opened.'
} as const

/** What can be read of a blob without opening it. */
export interface BlobHeader {
  readonly suite: Suite
  readonly keyId: KeyId
  readonly keyVersion: number
}

/** Reads which key opens a blob. The header is authenticated, but only by opening. */
export const blobHeader = (blob: Uint8Array): Result.Result<BlobHeader, MalformedBlob> => {
  const fail = (reason: MalformedBlob["reason"]) => Result.fail(new MalformedBlob({ reason }))
  if (!hasLegalLength(blob)) return fail("length")
  const suite = SUITE_NAMES[blob[0]!]
  if (suite === undefined) return fail("suite")
  if (blob[1] !== 0) return fail("flags")
  return Result.succeed({ suite, ...keyNamedBy(blob) })
}

/** The key that the first 16 bytes of anything sealed name. */
export const keyNamedBy = (header: Uint8Array): Omit<BlobHeader, "suite"> => ({
  keyId: viewOf(header).toString("hex", KEY_ID_OFFSET, HEADER_BYTES) as KeyId,
  keyVersion: (header[2]! << 8) | header[3]!
})

const SUITE_NAMES: Readonly<Record<number, Suite>> = { [SUITES.record]: "record", [SUITES.wrappedKey]: "wrappedKey" }

export interface BlobBinding {
  readonly suite: Suite
  readonly key: SealingKey
  /** The parts of the context, as `recordParts` or `wrappedKeyParts` orders them. */
  readonly parts: ReadonlyArray<string>
}

/** Seals a value of at most 64 MiB in one piece; more is the caller's defect. */
export const sealBlob = (binding: BlobBinding, plaintext: Uint8Array): Uint8Array => {
  const blob = Buffer.allocUnsafe(BLOB_OVERHEAD_BYTES + plaintext.length)
  const { ciphertext, tag } = sealBehind(blob, binding, plaintext)
  blob.set(ciphertext, CIPHERTEXT_OFFSET)
  blob.set(tag, CIPHERTEXT_OFFSET + plaintext.length)
  return blob
}

/** The same bytes in three pieces, for `writev`: a large value is not copied once more. */
export const sealSegments = (
  binding: BlobBinding,
  plaintext: Uint8Array
): readonly [head: Uint8Array, ciphertext: Uint8Array, tag: Uint8Array] => {
  const head = Buffer.allocUnsafe(CIPHERTEXT_OFFSET)
  const { ciphertext, tag } = sealBehind(head, binding, plaintext)
  return [head, ciphertext, tag]
}

const sealBehind = (head: Buffer, { suite, key, parts }: BlobBinding, plaintext: Uint8Array): GcmSealed => {
  if (plaintext.length > PLAINTEXT_BYTES_MAX) {
    throw new RangeError(`A sealed value has at most ${PLAINTEXT_BYTES_MAX} bytes; this one has ${plaintext.length}.`)
  }
  const header = key.headers[suite]
  head.set(header)
  const nonce = head.subarray(NONCE_OFFSET, COMMITMENT_OFFSET)
  fillNonce(nonce)
  const sealed = key.xaes.seal(
    { nonce, additionalData: additionalData(header, parts), holding: HOLDINGS[suite] },
    plaintext
  )
  head.set(sealed.commitment, COMMITMENT_OFFSET)
  return sealed
}

/** Why a blob did not open, for the inside: callers make one plain error of all of them. */
export type BlobRefusal = "malformed" | "other-key" | XaesRefusal

/** The plaintext, or why there is none. */
export const openBlob = ({ suite, key, parts }: BlobBinding, blob: Uint8Array): Uint8Array | BlobRefusal => {
  const header = key.headers[suite]
  if (!isUnder(header, blob)) return refusalOf(suite, blob)
  const view = viewOf(blob)
  const message = {
    nonce: view.subarray(NONCE_OFFSET, COMMITMENT_OFFSET),
    additionalData: additionalData(header, parts),
    holding: HOLDINGS[suite]
  }
  return key.xaes.open(message, {
    commitment: view.subarray(COMMITMENT_OFFSET, CIPHERTEXT_OFFSET),
    ciphertext: view.subarray(CIPHERTEXT_OFFSET, view.length - GCM_TAG_BYTES),
    tag: view.subarray(view.length - GCM_TAG_BYTES)
  })
}

const HOLDINGS = { record: "value", wrappedKey: "key" } as const

const isUnder = (header: Uint8Array, blob: Uint8Array): boolean => {
  for (let i = 0; i < HEADER_BYTES; i++) if (header[i] !== blob[i]) return false
  return hasLegalLength(blob)
}

const refusalOf = (suite: Suite, blob: Uint8Array): BlobRefusal => {
  const header = blobHeader(blob)
  return Result.isSuccess(header) && header.success.suite === suite ? "other-key" : "malformed"
}

const hasLegalLength = (blob: Uint8Array): boolean =>
  blob.length >= BLOB_OVERHEAD_BYTES && blob.length <= BLOB_OVERHEAD_BYTES + PLAINTEXT_BYTES_MAX

const viewOf = (bytes: Uint8Array): Buffer =>
  bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
