// Search for many byte patterns at once (Wu and Manber, "A fast algorithm for multi-pattern searching", 1994): a table over pairs of
// bytes says how far the search may jump, so that most of the output is never looked at.

/** From `start` up to, not including, `end`. */
export interface Span {
  readonly start: number
  readonly end: number
}

export interface PatternSearch {
  /** The places that belong to at least one occurrence, in order, touching ones joined. */
  occurrences(bytes: Uint8Array): ReadonlyArray<Span>
  /** Length of the longest end of `bytes` that is the beginning of a pattern, and not all of it. */
  openEnd(bytes: Uint8Array): number
}

const PAIRS = 0x1_0000
const JUMP_MAX = 255

/** Prepares the search. Each pattern has at least two bytes. */
export const patternSearch = (patterns: ReadonlyArray<Uint8Array>): PatternSearch => {
  const longestFirst = patterns.toSorted((a, b) => b.length - a.length)
  const tables = jumpTables(longestFirst)
  const beginnings = Map.groupBy(longestFirst, (pattern) => pair(pattern, 0))
  const firstBytes = new Set(patterns.map((pattern) => pattern[0]))
  const longest = longestFirst[0]?.length ?? 0
  return {
    occurrences: (bytes) => findOccurrences(tables, bytes),
    openEnd: (bytes) => {
      for (let start = Math.max(0, bytes.length - longest + 1); start < bytes.length; start++) {
        const length = bytes.length - start
        if (length === 1) return firstBytes.has(bytes[start]) ? 1 : 0
        const begun = beginnings.get(pair(bytes, start))
        if (begun?.some((pattern) => pattern.length > length && isAt(pattern, bytes, start, length))) return length
      }
      return 0
    }
  }
}

interface JumpTables {
  /** Length of the shortest pattern: the width of the window that slides over the output. */
  readonly window: number
  readonly jumps: Uint8Array
  /** Patterns, longest first, by the last pair of their window. */
  readonly candidates: ReadonlyMap<number, ReadonlyArray<Uint8Array>>
}

const jumpTables = (longestFirst: ReadonlyArray<Uint8Array>): JumpTables => {
  const window = longestFirst.at(-1)?.length ?? JUMP_MAX
  const jumps = new Uint8Array(PAIRS).fill(Math.min(JUMP_MAX, window - 1))
  for (const pattern of longestFirst)
    for (let i = 0; i < window - 1; i++) {
      const key = pair(pattern, i)
      jumps[key] = Math.min(jumps[key]!, window - 2 - i)
    }
  return { window, jumps, candidates: Map.groupBy(longestFirst, (pattern) => pair(pattern, window - 2)) }
}

const findOccurrences = ({ window, jumps, candidates }: JumpTables, bytes: Uint8Array): ReadonlyArray<Span> => {
  const spans: Array<Span> = []
  const lastPair = bytes.length - 2
  for (let at = window - 2; at <= lastPair; at++) {
    const key = (bytes[at]! << 8) | bytes[at + 1]!
    const jump = jumps[key]!
    if (jump > 0) {
      at += jump - 1
      continue
    }
    const start = at - (window - 2)
    const pattern = candidates.get(key)!.find((candidate) => isWholeAt(candidate, bytes, start))
    if (pattern !== undefined) cover(spans, start, start + pattern.length)
  }
  return spans
}

const cover = (spans: Array<Span>, start: number, end: number) => {
  const last = spans.at(-1)
  if (last === undefined || last.end < start) spans.push({ start, end })
  else if (last.end < end) spans[spans.length - 1] = { start: last.start, end }
}

const isWholeAt = (pattern: Uint8Array, bytes: Uint8Array, start: number): boolean =>
  start + pattern.length <= bytes.length && isAt(pattern, bytes, start, pattern.length)

const isAt = (pattern: Uint8Array, bytes: Uint8Array, start: number, length: number): boolean => {
  for (let i = 0; i < length; i++) if (bytes[start + i] !== pattern[i]) return false
  return true
}

const pair = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!
