// Masks secrets in a stream of output before it is stored or shown.
import { ENCODED_BYTES_MIN, secretPatterns } from "./mask-patterns.ts"
import { patternSearch, type Span } from "./mask-search.ts"

const MARK = Buffer.from("***")
const NOTHING = new Uint8Array(0)

export interface Masker {
  /** From now on this secret is masked too. What has already been handed out stays as it is. */
  add(secret: Uint8Array): void
  /**
   * Takes the next piece of the stream and returns what can be shown of everything so far. Held back is only an end that could be the
   * beginning of a secret. The result may share memory with the piece.
   */
  push(piece: Uint8Array): Uint8Array
  /** The end of the stream: returns what was held back. An end that is the beginning of a secret, from 6 bytes on, is masked. */
  flush(): Uint8Array
}

/**
 * Masks every occurrence of a secret, and of its usual encodings, by `***`: as it is, base64 and base64url at each of the three
 * offsets (also broken into lines), hex, URL, JSON and shell quoting; a secret of several lines also line by line.
 *
 * Limits: a secret under 4 bytes is not masked, one under 6 bytes only as it is. Not recognised is what a program makes of a secret
 * in any other way (reversed, compressed, letters between), nor one that is torn between two streams: each stream has a masker of
 * its own. At most as many bytes are held back as the longest encoding of a secret has.
 */
export const makeMasker = (secrets: ReadonlyArray<Uint8Array>): Masker => {
  let patterns = secrets.flatMap(secretPatterns)
  let search = patternSearch(patterns)
  let held = NOTHING
  /** So many bytes at the front of `held` belong to an occurrence whose mark was handed out. */
  let covered = 0

  /** The last thing that was handed out is a mark, so that an occurrence that follows at once needs none. */
  let isAfterMark = false

  const mask = (bytes: Uint8Array, isEnd: boolean): Uint8Array => {
    const open = search.openEnd(bytes)
    const cut = bytes.length - open
    const occurrences = search.occurrences(bytes, covered)
    const isCutSecret = isEnd && open >= ENCODED_BYTES_MIN
    const spans = isCutSecret ? withCutEnd(occurrences, { start: cut, end: bytes.length }) : occurrences
    const shown = masked(bytes.subarray(0, isEnd ? bytes.length : cut), spans, isAfterMark)
    held = isEnd ? NOTHING : bytes.slice(cut)
    covered = isEnd ? 0 : coveredFrom(occurrences, { cut, wasCovered: covered > 0 })
    isAfterMark = shown.isAfterMark
    return shown.bytes
  }

  return {
    add: (secret) => {
      patterns = [...patterns, ...secretPatterns(secret)]
      search = patternSearch(patterns)
    },
    push: (piece) => {
      if (patterns.length === 0) return piece
      return mask(held.length === 0 ? piece : Buffer.concat([held, piece]), false)
    },
    flush: () => mask(held, true)
  }
}

/** `bytes` with each span replaced by one mark; spans are in order, and what they cover beyond `bytes` counts for nothing. */
const masked = (bytes: Uint8Array, spans: ReadonlyArray<Span>, wasAfterMark: boolean) => {
  const parts: Array<Uint8Array> = []
  let isAfterMark = wasAfterMark
  let shownTo = 0
  const showUntil = (end: number) => {
    if (end <= shownTo) return
    parts.push(bytes.subarray(shownTo, end))
    isAfterMark = false
  }
  for (const { start, end } of spans) {
    if (start >= bytes.length) break
    showUntil(start)
    if (!isAfterMark) parts.push(MARK)
    isAfterMark = true
    shownTo = end
  }
  showUntil(bytes.length)
  return { bytes: parts.length === 1 ? parts[0]! : Buffer.concat(parts), isAfterMark }
}

/** A shorter secret that stands within the cut one is part of it. */
const withCutEnd = (occurrences: ReadonlyArray<Span>, cutEnd: Span): ReadonlyArray<Span> => [
  ...occurrences.filter(({ start }) => start < cutEnd.start),
  cutEnd
]

/** How far an occurrence whose mark was handed out reaches beyond the cut. */
const coveredFrom = (spans: ReadonlyArray<Span>, { cut, wasCovered }: { cut: number; wasCovered: boolean }): number => {
  const across = spans.find(({ start, end }) => (start < cut || (start === 0 && wasCovered)) && end > cut)
  return across === undefined ? 0 : across.end - cut
}
