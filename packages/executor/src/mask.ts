// Masks secrets in a stream of output before it is stored or shown: those that are known, and what has the form of one.
import { type CompiledForms, compileForms } from "./mask-forms/scan.ts"
import { ENCODED_BYTES_MIN, secretPatterns } from "./mask-patterns.ts"
import { patternSearch, type Span } from "./mask-search.ts"

const KNOWN_MARK = "***"
const NOTHING = new Uint8Array(0)
/** Nothing is masked for its form. */
const NO_FORMS = compileForms([])

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

/** What is to be hidden, and what stands there instead. */
interface MarkedSpan extends Span {
  readonly mark: string
}

/**
 * Masks every occurrence of a secret, and of its usual encodings, by `***`: as it is, base64 and base64url at each of the three
 * offsets (also broken into lines), hex, URL, JSON and shell quoting; a secret of several lines also line by line. What has one of the
 * `forms` is masked as `[masked: kind]`.
 *
 * Limits: a secret under 4 bytes is not masked, one under 6 bytes only as it is. Not recognised is what a program makes of a secret
 * in any other way (reversed, compressed, letters between), nor one that is torn between two streams: each stream has a masker of
 * its own. At most as many bytes are held back as the longest encoding of a secret has, or as a form needs (`LOOK_BACK_BYTES_MAX`).
 */
export const makeMasker = (secrets: ReadonlyArray<Uint8Array>, forms: CompiledForms = NO_FORMS): Masker => {
  let patterns = secrets.flatMap(secretPatterns)
  let search = patternSearch(patterns)
  const scan = forms.scanner()
  /** What is still needed of what came; `shown` bytes of it were handed out, `before` stood in front of it. */
  let held = NOTHING
  let shown = 0
  let before: number | undefined
  /** What of it is to be hidden for a reason that lies further back. */
  let pending: ReadonlyArray<MarkedSpan> = []
  /** The last thing that was handed out is a mark, so that what follows at once and is hidden too needs none. */
  let isAfterMark = false

  const mask = (bytes: Uint8Array, isEnd: boolean): Uint8Array => {
    const knownOpen = bytes.length - search.openEnd(bytes)
    const isCutSecret = isEnd && bytes.length - knownOpen >= ENCODED_BYTES_MIN
    const cutSecret = isCutSecret ? [known({ start: knownOpen, end: bytes.length })] : []
    const found = scan(bytes, { before, keptFrom: knownOpen, isEnd })
    const spans = united([
      ...pending,
      ...search.occurrences(bytes).map(known),
      ...cutSecret,
      ...found.spans.map(({ kind, ...span }) => ({ ...span, mark: `[masked: ${kind}]` }))
    ])
    const cut = isEnd ? bytes.length : Math.min(knownOpen, found.open)
    const result = masked(bytes.subarray(shown, cut), moved(spans, shown), isAfterMark)
    isAfterMark = result.isAfterMark
    const kept = isEnd ? bytes.length : found.needed
    pending = moved(spans, cut).map((span) => ({ ...span, start: span.start + cut - kept, end: span.end + cut - kept }))
    shown = cut - kept
    before = kept === 0 ? before : bytes[kept - 1]
    held = bytes.slice(kept)
    return result.bytes
  }

  return {
    add: (secret) => {
      patterns = [...patterns, ...secretPatterns(secret)]
      search = patternSearch(patterns)
    },
    push: (piece) => mask(held.length === 0 ? piece : Buffer.concat([held, piece]), false),
    flush: () => mask(held, true)
  }
}

const known = (span: Span): MarkedSpan => ({ ...span, mark: KNOWN_MARK })

/** In order, touching ones joined; the mark is that of the first. */
const united = (spans: ReadonlyArray<MarkedSpan>): ReadonlyArray<MarkedSpan> => {
  const joined: Array<MarkedSpan> = []
  for (const span of spans.toSorted(byStart)) {
    const last = joined.at(-1)
    if (last === undefined || last.end < span.start) joined.push(span)
    else if (last.end < span.end) joined[joined.length - 1] = { ...last, end: span.end }
  }
  return joined
}

/** Of two that begin at one place always the same is the first, however the output was cut. */
const byStart = (one: MarkedSpan, other: MarkedSpan): number =>
  one.start - other.start || (one.mark < other.mark ? -1 : one.mark === other.mark ? 0 : 1)

/** What of them lies behind `from`, counted from there. */
const moved = (spans: ReadonlyArray<MarkedSpan>, from: number): ReadonlyArray<MarkedSpan> =>
  spans
    .filter(({ end }) => end > from)
    .map((span) => ({ ...span, start: Math.max(span.start - from, 0), end: span.end - from }))

/** `bytes` with each span replaced by one mark; spans are in order, and what they cover beyond `bytes` counts for nothing. */
const masked = (bytes: Uint8Array, spans: ReadonlyArray<MarkedSpan>, wasAfterMark: boolean) => {
  const parts: Array<Uint8Array> = []
  let isAfterMark = wasAfterMark
  let shownTo = 0
  const showUntil = (end: number) => {
    if (end <= shownTo) return
    parts.push(bytes.subarray(shownTo, end))
    isAfterMark = false
  }
  for (const { start, end, mark } of spans) {
    if (start >= bytes.length) break
    showUntil(start)
    if (!isAfterMark) parts.push(Buffer.from(mark))
    isAfterMark = true
    shownTo = end
  }
  showUntil(bytes.length)
  return { bytes: parts.length === 1 ? parts[0]! : Buffer.concat(parts), isAfterMark }
}
