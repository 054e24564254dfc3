// Sets of bytes, as they are written between the brackets of a regular expression.

/** 1 for each byte that belongs to the set. */
export type ByteSet = Uint8Array

const LENGTH_MAX = 200
const WRITTEN = /\\[srnt\\\-^]|[\x20-\x5b\x5d-\x7e](?:-[\x20-\x5b\x5d-\x7e])?|\t/y

/** Is it a set that `byteSet` reads? */
export const isCharacterClass = (written: string): boolean => {
  const ranges = rangesOf(written)
  return ranges !== undefined && ranges.length > 0 && ranges.every(([first, last]) => first <= last)
}

/** The set. `^` at the front means every other byte, all beyond ASCII among them. */
export const byteSet = (written: string): ByteSet => {
  const isNegated = written.startsWith("^")
  const set = new Uint8Array(256).fill(isNegated ? 1 : 0)
  for (const [first, last] of rangesOf(written) ?? []) set.fill(isNegated ? 0 : 1, first, last + 1)
  return set
}

type Range = readonly [first: number, last: number]

const rangesOf = (written: string): ReadonlyArray<Range> | undefined => {
  if (written.length > LENGTH_MAX) return undefined
  const ranges: Array<Range> = []
  WRITTEN.lastIndex = written.startsWith("^") ? 1 : 0
  while (WRITTEN.lastIndex < written.length) {
    const found = WRITTEN.exec(written)?.[0]
    if (found === undefined) return undefined
    ranges.push(...rangesIn(found))
  }
  return ranges
}

const NAMED: Readonly<Record<string, string>> = { "\\s": " \t\r\n", "\\r": "\r", "\\n": "\n", "\\t": "\t" }

const rangesIn = (found: string): ReadonlyArray<Range> => {
  const named = NAMED[found]
  if (named !== undefined) return [...named].map((each) => [each.charCodeAt(0), each.charCodeAt(0)])
  const text = found.startsWith("\\") ? found.slice(1) : found
  return [[text.charCodeAt(0), text.charCodeAt(text.length - 1)]]
}

const WORD = byteSet("A-Za-z0-9_")

/** A letter, a digit or `_`. `undefined` is none. */
export const isWordByte = (byte: number | undefined): boolean => byte !== undefined && WORD[byte] === 1
