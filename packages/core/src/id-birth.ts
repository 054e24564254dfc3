// The part of an id behind its prefix: a new UUIDv7 (RFC 9562 §5.7) in Crockford base32.
import { randomFillSync } from "node:crypto"
import { Context } from "effect"

export const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
export const BODY_LENGTH = 26

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

const UUID_BYTES = 16
const uuid = new Uint8Array(UUID_BYTES)
const view = new DataView(uuid.buffer)

/** The 26 characters of a new id. Those of one process sort in the order of their birth. */
export const newIdBody = (timeMs: number, fill: (bytes: Uint8Array) => void): string => {
  const birth = nextAfter(fill, timeMs)
  view.setUint32(0, Math.floor(birth.timeMs / 2 ** 16))
  view.setUint16(4, birth.timeMs % 2 ** 16)
  view.setUint16(6, 0x7000 | birth.high)
  view.setUint32(8, (0x80000000 | birth.middle) >>> 0)
  view.setUint32(12, birth.low)
  return base32(uuid)
}

interface Birth {
  readonly timeMs: number
  /** 12, 30 and 32 of the random bits. */
  readonly high: number
  readonly middle: number
  readonly low: number
}

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

const step = new Uint8Array(3)

const increased = (last: Birth, fill: (bytes: Uint8Array) => void): Birth => {
  fill(step)
  const low = last.low + 1 + (step[0]! | (step[1]! << 8) | (step[2]! << 16))
  const middle = last.middle + Math.floor(low / 2 ** 32)
  const high = last.high + Math.floor(middle / 2 ** 30)
  if (high >= 2 ** 12) return drawn(last.timeMs + 1, fill)
  return { timeMs: last.timeMs, high, middle: middle % 2 ** 30, low: low % 2 ** 32 }
}

const characters = Buffer.alloc(BODY_LENGTH)
const codes = Buffer.from(ALPHABET, "latin1")

/** The 128 bits in 26 characters, the first of which carries three. */
const base32 = (bytes: Uint8Array): string => {
  let written = 0
  let buffered = 0
  let bits = BODY_LENGTH * 5 - UUID_BYTES * 8
  for (const byte of bytes) {
    buffered = (buffered << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      characters[written++] = codes[buffered >> bits]!
      buffered &= (1 << bits) - 1
    }
  }
  return characters.toString("latin1")
}
