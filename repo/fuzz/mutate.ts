// Inputs that nearly are what a decoder expects: valid ones, changed in a few places, the same ones again for the same seed.

/** A generator of whole numbers below a bound (mulberry32); small, quick, and the same on every machine. */
export const randomFrom = (seed: number) => {
  let state = seed >>> 0
  return (below: number): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}
export type Random = ReturnType<typeof randomFrom>

export interface Material {
  /** Valid inputs. */
  readonly seeds: ReadonlyArray<Uint8Array>
  /** What such inputs are made of. */
  readonly tokens: ReadonlyArray<Uint8Array>
}

const CHANGES_MAX = 4
const INPUT_BYTES_MAX = 80_000

/** A valid input with no to four changes. */
export const mutated = (random: Random, material: Material): Buffer => {
  let input: Buffer = Buffer.from(pick(random, material.seeds))
  for (let changes = random(CHANGES_MAX + 1); changes > 0; changes--) {
    input = CHANGES[random(CHANGES.length)]!(random, input, material)
  }
  return input.length > INPUT_BYTES_MAX ? input.subarray(0, INPUT_BYTES_MAX) : input
}

const pick = <A>(random: Random, from: ReadonlyArray<A>): A => from[random(from.length)]!

type Change = (random: Random, input: Buffer, material: Material) => Buffer

/** Puts bytes in the place of a part. */
const replaced = (input: Buffer, at: number, length: number, by: Uint8Array): Buffer =>
  Buffer.concat([input.subarray(0, at), by, input.subarray(at + length)])

const part = (random: Random, input: Buffer) => {
  const at = random(input.length + 1)
  return { at, length: random(Math.min(input.length - at, 40) + 1) }
}

const flipBit: Change = (random, input) => {
  if (input.length > 0) input[random(input.length)]! ^= 1 << random(8)
  return input
}
const setByte: Change = (random, input) => {
  if (input.length > 0) input[random(input.length)] = random(256)
  return input
}
const insertByte: Change = (random, input) => replaced(input, random(input.length + 1), 0, Buffer.of(random(256)))
const remove: Change = (random, input) => {
  const { at, length } = part(random, input)
  return replaced(input, at, length, Buffer.alloc(0))
}
const repeat: Change = (random, input) => {
  const { at, length } = part(random, input)
  return replaced(input, at, 0, input.subarray(at, at + length))
}
const cut: Change = (random, input) => input.subarray(0, random(input.length + 1))
const token: Change = (random, input, { tokens }) => {
  const { at, length } = part(random, input)
  return replaced(input, at, random(2) * length, tokens.length === 0 ? Buffer.alloc(1) : pick(random, tokens))
}
const splice: Change = (random, input, { seeds }) => {
  const other = pick(random, seeds)
  return Buffer.concat([input.subarray(0, random(input.length + 1)), other.subarray(random(other.length + 1))])
}

const CHANGES: ReadonlyArray<Change> = [flipBit, setByte, insertByte, remove, repeat, cut, token, token, splice]
