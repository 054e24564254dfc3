// Finds a text in one stream of output that comes in pieces: also across pieces and escape sequences, in bounded memory.
import type { TranscriptChunk } from "../store/chunks.ts"
import { terminalText } from "./terminal-text.ts"

/** So much of the line is shown around a match, on each side. */
const CONTEXT_BYTES = 80
const NEWLINE = 10

/** A byte of the transcript: of which chunk, and where in it. */
export interface TranscriptPlace {
  readonly sequence: number
  readonly offset: number
}

/** Where a text stands in what one run wrote to one stream. */
export interface FoundText {
  /** Its first byte and its last. */
  readonly start: TranscriptPlace
  readonly end: TranscriptPlace
  /** Since the run started. */
  readonly atMs: number
  /** Counted from 1 within the stream. */
  readonly line: number
  /** The match, and what stands around it on its line: at most 80 bytes on each side. */
  readonly before: string
  readonly match: string
  readonly after: string
}

export interface TextFinder {
  /** The matches that are complete, with what follows them, one at a time. Whoever stops in between does not go on with this finder. */
  push(chunk: TranscriptChunk): Iterable<FoundText>
  /** The end of the stream: the rest of the matches. */
  end(): Iterable<FoundText>
}

/** What is looked for. */
export interface Wanted {
  /** UTF-8; at least one byte. */
  readonly text: string
  /** Letters of ASCII alone. */
  readonly ignoreCase?: boolean
}

/** Matches do not overlap. At most some kilobytes are held between pieces. */
export const textFinder = ({ text, ignoreCase = false }: Wanted): TextFinder => {
  const needle = folded(Buffer.from(text), ignoreCase)
  const shown = terminalText()
  let held = window(Buffer.alloc(0), [])
  /** How far `held` was searched, and in which line that is. */
  let [searched, line] = [0, 1]

  const pass = (to: number) => {
    line += newlines(held.bytes.subarray(searched, to))
    searched = to
  }
  const found = function* (until: number): Generator<FoundText> {
    const hay = folded(held.bytes, ignoreCase)
    for (let at = hay.indexOf(needle, searched); at !== -1 && at < until; at = hay.indexOf(needle, searched)) {
      pass(at)
      yield { ...described(held, at, at + needle.length), line }
      pass(at + needle.length)
    }
    pass(Math.max(searched, until))
  }
  return {
    push: function* (chunk) {
      const { bytes, places } = shown(chunk.bytes)
      held = held.with(Buffer.from(bytes), { start: held.bytes.length, chunk, places })
      // Beyond it a match could go on in the next piece, or what follows it.
      yield* found(Math.max(searched, held.bytes.length - needle.length - CONTEXT_BYTES))
      const from = Math.max(0, searched - CONTEXT_BYTES)
      held = held.from(from)
      searched -= from
    },
    end: () => found(held.bytes.length)
  }
}

interface Origin {
  /** Where the bytes of the chunk begin in the window. */
  readonly start: number
  readonly chunk: Pick<TranscriptChunk, "sequence" | "atMs">
  readonly places: Uint32Array
}

interface Window {
  readonly bytes: Buffer
  readonly origins: ReadonlyArray<Origin>
  with(bytes: Buffer, origin: Origin): Window
  from(start: number): Window
}

/** A part of the text, and where each byte of it came from. */
const window = (bytes: Buffer, origins: ReadonlyArray<Origin>): Window => ({
  bytes,
  origins,
  with: (more, origin) => window(Buffer.concat([bytes, more]), more.length === 0 ? origins : [...origins, origin]),
  from: (start) => {
    const kept = origins.filter((origin) => origin.start + origin.places.length > start)
    const moved = kept.map((origin) => {
      const cut = Math.max(0, start - origin.start)
      return { ...origin, start: origin.start + cut - start, places: origin.places.slice(cut) }
    })
    return window(Buffer.from(bytes.subarray(start)), moved)
  }
})

const described = ({ bytes, origins }: Window, start: number, end: number): Omit<FoundText, "line"> => {
  const lineStart = start === 0 ? 0 : Math.max(bytes.lastIndexOf(NEWLINE, start - 1) + 1, start - CONTEXT_BYTES)
  const newline = bytes.indexOf(NEWLINE, end)
  const lineEnd = Math.min(newline === -1 ? bytes.length : newline, end + CONTEXT_BYTES)
  return {
    start: placeOf(origins, start),
    end: placeOf(origins, end - 1),
    atMs: originOf(origins, start).chunk.atMs,
    before: bytes.toString("utf8", lineStart, start),
    match: bytes.toString("utf8", start, end),
    after: bytes.toString("utf8", end, lineEnd)
  }
}

const placeOf = (origins: ReadonlyArray<Origin>, at: number): TranscriptPlace => {
  const { start, chunk, places } = originOf(origins, at)
  return { sequence: chunk.sequence, offset: places[at - start]! }
}

const originOf = (origins: ReadonlyArray<Origin>, at: number): Origin => origins.findLast(({ start }) => start <= at)!

const newlines = (bytes: Buffer): number => {
  let count = 0
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count += 1
  return count
}

/** Lengths stay as they are. */
const folded = (bytes: Buffer, ignoreCase: boolean): Buffer =>
  ignoreCase
    ? Buffer.from(
        bytes.toString("latin1").replace(/[A-Z]/g, (letter) => letter.toLowerCase()),
        "latin1"
      )
    : bytes
