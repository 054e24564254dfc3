// Identifiers: a prefix that says what it names, then a UUIDv7 (RFC 9562 §5.7) in Crockford base32, so that ids sort by time of
// birth and can be read aloud.

import { randomFillSync } from "node:crypto"
import { Clock, Context, Effect, Schema } from "effect"

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
const BODY_LENGTH = 26
const RANDOM_BYTES = 10

/** The text of one kind of id: `<prefix>_` and 26 characters of lower-case Crockford base32. Brand it to make it a type. */
export const idText = (prefix: string) =>
  Schema.String.check(
    Schema.isPattern(new RegExp(`^${prefix}_[0-7][${ALPHABET}]{${BODY_LENGTH - 1}}$`), {
      expected: `an id like ${prefix}_${"0".repeat(BODY_LENGTH)}`
    })
  )

export const OrganisationId = idText("org").pipe(Schema.brand("org"))
export type OrganisationId = typeof OrganisationId.Type
export const PersonId = idText("person").pipe(Schema.brand("person"))
export type PersonId = typeof PersonId.Type
export const AgentId = idText("agent").pipe(Schema.brand("agent"))
export type AgentId = typeof AgentId.Type
export const TokenId = idText("token").pipe(Schema.brand("token"))
export type TokenId = typeof TokenId.Type
export const TargetId = idText("target").pipe(Schema.brand("target"))
export type TargetId = typeof TargetId.Type
export const ExecutionId = idText("exec").pipe(Schema.brand("exec"))
export type ExecutionId = typeof ExecutionId.Type
export const RunId = idText("run").pipe(Schema.brand("run"))
export type RunId = typeof RunId.Type
export const AuditEntryId = idText("audit").pipe(Schema.brand("audit"))
export type AuditEntryId = typeof AuditEntryId.Type

/** Where the random bits of ids come from; replaced in tests that need the same ids twice. */
export const IdRandom = Context.Reference<(bytes: Uint8Array) => void>("fluxcybers/core/IdRandom", {
  defaultValue: () => (bytes) => {
    randomFillSync(bytes)
  }
})

/** A new id of the given kind: `newId(ExecutionId, "exec")`. Time comes from the Clock, the 74 random bits from `IdRandom`. */
export const newId = Effect.fnUntraced(function* <Id extends string>(kind: IdKind<Id>, prefix: string) {
  const timeMs = yield* Clock.currentTimeMillis
  const fill = yield* IdRandom
  const bytes = new Uint8Array(16)
  fill(bytes.subarray(16 - RANDOM_BYTES))
  new DataView(bytes.buffer).setUint32(0, Math.floor(timeMs / 2 ** 16))
  new DataView(bytes.buffer).setUint16(4, timeMs % 2 ** 16)
  bytes[6] = 0x70 | (bytes[6]! & 0x0f)
  bytes[8] = 0x80 | (bytes[8]! & 0x3f)
  return kind.make(`${prefix}_${base32(bytes)}`)
})

type IdKind<Id extends string> = { readonly make: (text: string) => Id }

const base32 = (bytes: Uint8Array): string => {
  let value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  let text = ""
  for (let i = 0; i < BODY_LENGTH; i++) {
    text = ALPHABET[Number(value & 31n)] + text
    value >>= 5n
  }
  return text
}
