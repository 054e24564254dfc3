// Identifiers: a prefix that says what it names, then a UUIDv7 (RFC 9562 §5.7) in Crockford base32, so that ids sort by time of
// birth and can be read aloud.

import { randomFillSync } from "node:crypto"
import { Clock, Context, Effect, Schema } from "effect"

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
const BODY_LENGTH = 26

/** The text of one kind of id: `<prefix>_` and 26 characters of lower-case Crockford base32. Brand it to make it a type. */
export const idText = (prefix: string) =>
  Schema.String.check(
    Schema.isPattern(new RegExp(`^${prefix}_[0-7][${ALPHABET}]{${BODY_LENGTH - 1}}$`), {
      expected: `an id like ${prefix}_${"0".repeat(BODY_LENGTH)}`
    })
  )

/** The id of an organisation: `org_…`. */
export const OrganisationId = idText("org").pipe(Schema.brand("org"))
export type OrganisationId = typeof OrganisationId.Type
/** The id of a person: `person_…`. */
export const PersonId = idText("person").pipe(Schema.brand("person"))
export type PersonId = typeof PersonId.Type
/** The id of a program that acts for a person: `agent_…`. */
export const AgentId = idText("agent").pipe(Schema.brand("agent"))
export type AgentId = typeof AgentId.Type
/** The id of a bearer token (never the token itself): `token_…`. */
export const TokenId = idText("token").pipe(Schema.brand("token"))
export type TokenId = typeof TokenId.Type
/** The id of a place where commands run: `target_…`. */
export const TargetId = idText("target").pipe(Schema.brand("target"))
export type TargetId = typeof TargetId.Type
/** The id of an execution, from its proposal on: `exec_…`. */
export const ExecutionId = idText("exec").pipe(Schema.brand("exec"))
export type ExecutionId = typeof ExecutionId.Type
/** The id of an execution's run on one target: `run_…`. */
export const RunId = idText("run").pipe(Schema.brand("run"))
export type RunId = typeof RunId.Type
/** The id of an entry of the audit log: `audit_…`. */
export const AuditEntryId = idText("audit").pipe(Schema.brand("audit"))
export type AuditEntryId = typeof AuditEntryId.Type

/** Where the random bits of ids come from; replaced in tests that need the same ids twice. */
export const IdRandom = Context.Reference<(bytes: Uint8Array) => void>("fluxcybers/core/IdRandom", {
  defaultValue: () => pooledRandom()
})

const POOL_BYTES = 8_192

/** Random bytes from the operating system, fetched many at a time: a call for each id would cost more than the rest of it. */
const pooledRandom = () => {
  const pool = new Uint8Array(POOL_BYTES)
  let used = POOL_BYTES
  return (bytes: Uint8Array): void => {
    if (used + bytes.length > POOL_BYTES) {
      randomFillSync(pool)
      used = 0
    }
    bytes.set(pool.subarray(used, used + bytes.length))
    used += bytes.length
  }
}

/**
 * A new id of the given kind: `newId(ExecutionId, "exec")`. Time comes from the Clock, the 74 random bits from `IdRandom`. The ids
 * of one process sort in the order of their birth, also within a millisecond and while the clock steps back by up to ten seconds.
 */
export const newId = Effect.fnUntraced(function* <Id extends string>(kind: IdKind<Id>, prefix: string) {
  const timeMs = yield* Clock.currentTimeMillis
  const random = nextAfter(yield* IdRandom, timeMs)
  const bytes = new DataView(new ArrayBuffer(UUID_BYTES))
  bytes.setUint32(0, Math.floor(random.timeMs / 2 ** 16))
  bytes.setUint16(4, random.timeMs % 2 ** 16)
  bytes.setUint16(6, 0x7000 | random.high)
  bytes.setUint32(8, (0x80000000 | random.middle) >>> 0)
  bytes.setUint32(12, random.low)
  return kind.make(`${prefix}_${base32(new Uint8Array(bytes.buffer))}`)
})

type IdKind<Id extends string> = { readonly make: (text: string) => Id }

interface Birth {
  readonly timeMs: number
  /** 12, 30 and 32 of the random bits. */
  readonly high: number
  readonly middle: number
  readonly low: number
}

const UUID_BYTES = 16
const CLOCK_STEP_MAX_MS = 10_000
const latest = new WeakMap<(bytes: Uint8Array) => void, Birth>()

/** RFC 9562 §6.2, method 2: within a millisecond the random bits are a counter that grows by random steps. */
const nextAfter = (fill: (bytes: Uint8Array) => void, timeMs: number): Birth => {
  const last = latest.get(fill)
  const isBehind = last !== undefined && timeMs <= last.timeMs && last.timeMs - timeMs < CLOCK_STEP_MAX_MS
  const birth = isBehind ? increased(last, fill) : drawn(timeMs, fill)
  latest.set(fill, birth)
  return birth
}

const drawn = (timeMs: number, fill: (bytes: Uint8Array) => void): Birth => {
  const view = new DataView(new ArrayBuffer(10))
  fill(new Uint8Array(view.buffer))
  return { timeMs, high: view.getUint16(0) & 0xfff, middle: view.getUint32(2) & 0x3fffffff, low: view.getUint32(6) }
}

const increased = (last: Birth, fill: (bytes: Uint8Array) => void): Birth => {
  const step = new Uint8Array(3)
  fill(step)
  const low = last.low + 1 + (step[0]! | (step[1]! << 8) | (step[2]! << 16))
  const middle = last.middle + Math.floor(low / 2 ** 32)
  const high = last.high + Math.floor(middle / 2 ** 30)
  if (high >= 2 ** 12) return drawn(last.timeMs + 1, fill)
  return { timeMs: last.timeMs, high, middle: middle % 2 ** 30, low: low % 2 ** 32 }
}

/** The 128 bits in 26 characters, the first of which carries three. */
const base32 = (bytes: Uint8Array): string => {
  let text = ""
  let buffered = 0
  let bits = BODY_LENGTH * 5 - UUID_BYTES * 8
  for (const byte of bytes) {
    buffered = (buffered << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += ALPHABET[buffered >> bits]
      buffered &= (1 << bits) - 1
    }
  }
  return text
}
