// Finds the texts with which forms begin. Only every other pair of bytes is looked at: of each text the rarest pair at an even and the
// rarest at an odd place lead to it, if the byte beside the pair fits too.
import { isWordByte } from "./characters.ts"
import type { SecretForm } from "./form.ts"

/** A text with which forms begin; in lower case where case does not count. */
export interface Start {
  readonly bytes: Uint8Array
  readonly ignoresCase: boolean
  readonly isWord: boolean
  /** Which forms begin so. */
  readonly forms: ReadonlyArray<number>
}

/** `before` is the byte in front of `bytes`. The result says how many bytes were compared. */
type Find = (bytes: Uint8Array, before: number | undefined, found: (start: Start, at: number) => void) => number

export interface StartSearch {
  /** Each start that stands whole in `bytes`. */
  readonly find: Find
  /** Each start of which `bytes` ends with the beginning. */
  readonly findOpen: Find
}

const PAIRS = 0x1_0000

export const startSearch = (forms: ReadonlyArray<SecretForm>): StartSearch => {
  const starts = startsOf(forms)
  if (starts.length === 0) return { find: () => 0, findOpen: () => 0 }
  const { sides, thirds, candidates } = pairTable(starts)
  const longest = Math.max(...starts.map(({ bytes }) => bytes.length))
  const byFirst = Map.groupBy(
    starts.flatMap((start) => casesOf(start, 0).map((first) => ({ first, start }))),
    ({ first }) => first
  )
  const find: Find = (bytes, before, found) => {
    // Pairs are read as numbers of 16 bits, which memory holds at even places.
    const odd = bytes.byteOffset & 1
    const pairs = new Uint16Array(bytes.buffer, bytes.byteOffset + odd, (bytes.length - odd) >> 1)
    let steps = pairs.length
    for (let i = 0; i < pairs.length; i++) {
      const pair = pairs[i]!
      const side = sides[pair]!
      if (side === 0) continue
      const place = i * 2 + odd
      const fits =
        ((side & NEXT) !== 0 && thirds[thirdOf(pair, NEXT, bytes[place + 2]!)] === 1) ||
        ((side & PREVIOUS) !== 0 && thirds[thirdOf(pair, PREVIOUS, bytes[place - 1]!)] === 1)
      if (!fits) continue
      for (const { start, offset } of candidates.get(pair)!) {
        const at = place - offset
        if (at < 0) continue
        const same = sameBytes(start, bytes, at)
        steps += same + 1
        if (same === start.bytes.length && isFree(start, bytes, at, before)) found(start, at)
      }
    }
    return steps
  }
  const findOpen: Find = (bytes, before, found) => {
    let steps = 0
    for (let at = Math.max(0, bytes.length - longest + 1); at < bytes.length; at++) {
      for (const { start } of byFirst.get(bytes[at]!) ?? []) {
        const same = sameBytes(start, bytes, at)
        steps += same + 1
        const isOpen = same < start.bytes.length && at + same === bytes.length
        if (isOpen && isFree(start, bytes, at, before)) found(start, at)
      }
    }
    return steps
  }
  return { find: (bytes, before, found) => (bytes.length < 2 ? 0 : find(bytes, before, found)), findOpen }
}

const startsOf = (forms: ReadonlyArray<SecretForm>): ReadonlyArray<Start> => {
  const starts = new Map<string, Start>()
  for (const [form, { starts: texts, ignoreCase = false, word = false }] of forms.entries()) {
    for (const text of texts) {
      const bytes = Buffer.from(ignoreCase ? text.toLowerCase() : text, "latin1")
      const key = `${ignoreCase} ${word} ${bytes.toString("latin1")}`
      const others = starts.get(key)?.forms ?? []
      starts.set(key, { bytes, ignoresCase: ignoreCase, isWord: word, forms: [...others, form] })
    }
  }
  return [...starts.values()]
}

const isFree = ({ isWord }: Start, bytes: Uint8Array, at: number, before: number | undefined): boolean =>
  !isWord || !isWordByte(at === 0 ? before : bytes[at - 1])

/** So many bytes from `at` on are those of the start. */
const sameBytes = ({ bytes: wanted, ignoresCase }: Start, bytes: Uint8Array, at: number): number => {
  const length = Math.min(wanted.length, bytes.length - at)
  for (let i = 0; i < length; i++) {
    const byte = bytes[at + i]!
    if (byte !== wanted[i] && !(ignoresCase && lower(byte) === wanted[i])) return i
  }
  return length
}

const lower = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte)
const upper = (byte: number): number => (byte >= 0x61 && byte <= 0x7a ? byte & ~0x20 : byte)

const casesOf = ({ bytes, ignoresCase }: Start, at: number): ReadonlyArray<number> => {
  const byte = bytes[at]!
  return ignoresCase && upper(byte) !== byte ? [byte, upper(byte)] : [byte]
}

interface Candidate {
  readonly start: Start
  /** Where the pair stands in it. */
  readonly offset: number
}

/** On which side of a pair the third byte is looked at. */
const NEXT = 1
const PREVIOUS = 2

/** Which starts a pair of bytes leads to, and with which third byte; of those the sums are marked, so that a few more may seem to fit. */
const pairTable = (starts: ReadonlyArray<Start>) => {
  const sides = new Uint8Array(PAIRS)
  const thirds = new Uint8Array(PAIRS)
  const candidates = new Map<number, Array<Candidate>>()
  const add = (start: Start, offset: number) => {
    const side = offset + 2 < start.bytes.length ? NEXT : PREVIOUS
    for (const first of casesOf(start, offset)) {
      for (const second of casesOf(start, offset + 1)) {
        const pair = new Uint16Array(Uint8Array.of(first, second).buffer)[0]!
        sides[pair] = sides[pair]! | side
        for (const third of casesOf(start, side === NEXT ? offset + 2 : offset - 1))
          thirds[thirdOf(pair, side, third)] = 1
        candidates.set(pair, [...(candidates.get(pair) ?? []), { start, offset }])
      }
    }
  }
  for (const start of starts) for (const parity of [0, 1]) add(start, rarestPair(start.bytes, parity))
  return { sides, thirds, candidates }
}

/** Knuth's multiplicative hashing (The Art of Computer Programming 3, §6.4), to 16 bits. */
const thirdOf = (pair: number, side: number, third: number): number =>
  Math.imul((pair << 10) | (side << 8) | third, 0x9e3779b1) >>> 16

const rarestPair = (bytes: Uint8Array, parity: number): number => {
  let [best, bestRarity] = [parity, -1]
  for (let at = parity; at < bytes.length - 1; at += 2) {
    const rarity = rarityOf(bytes[at]!) * rarityOf(bytes[at + 1]!)
    if (rarity > bestRarity) [best, bestRarity] = [at, rarity]
  }
  return best
}

/** The characters that logs, prose and JSON consist of, the most frequent first. Whatever is not among them is rarer. */
const FREQUENT = ' etaoinsr"hld-0cum1:/2.pf=ge3,w456y789bv_k'

const rarityOf = (byte: number): number => {
  const place = FREQUENT.indexOf(String.fromCharCode(byte))
  return 1 + (place === -1 ? FREQUENT.length : place)
}
