// Text and bytes as an approver is shown them: spans of printable ASCII, and one span for each character that is none. What was shown
// can be read back, byte by byte.
import { Schema } from "effect"
import { byteEscape, codePoint } from "./escape.ts"
import { looksLike } from "./lookalike.ts"

/** Why a character is shown as an escape. `literal`: it is a `<` that could pass for the beginning of one. */
export const Mark = Schema.Literals([
  "control",
  "bidi",
  "invisible",
  "blank",
  "trailing-blank",
  "look-alike",
  "letter",
  "other",
  "invalid-utf8",
  "literal"
])
export type Mark = typeof Mark.Type

/** Printable ASCII. With a `mark` it is one escape, otherwise exactly the text that it shows. */
export const Span = Schema.Struct({
  text: Schema.String.check(Schema.isPattern(/^[\x20-\x7e]*$/, { expected: "printable ASCII" })),
  mark: Schema.optionalKey(Mark),
  /** The ASCII character that a `look-alike` passes for. */
  looksLike: Schema.optionalKey(Schema.String)
})
export type Span = typeof Span.Type

/** A text on one line. */
export const ShownText = Schema.Array(Span)
export type ShownText = typeof ShownText.Type

/** Lines without their newlines, the last one with or without. */
export const ShownLines = Schema.Struct({
  lines: Schema.Array(ShownText),
  /** Does the last line end with a newline? */
  isClosed: Schema.Boolean
})
export type ShownLines = typeof ShownLines.Type

const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u
const MARKS: ReadonlyArray<readonly [RegExp, Mark]> = [
  [/[ ]/u, "trailing-blank"],
  [/</u, "literal"],
  [/\p{Cc}/u, "control"],
  [BIDI, "bidi"],
  [/[\p{Cf}\p{Default_Ignorable_Code_Point}]/u, "invisible"],
  [/\p{Z}/u, "blank"]
]

/** The text in spans; whatever it holds, its parts read back as it. */
export const showText = (text: string): ShownText => spansOf(text, NOT_PLAIN)

/** The same, with the blanks at the end of the line marked. */
const showLine = (line: string): ShownText => spansOf(line, NOT_PLAIN_LINE)

const NOT_PLAIN = /[^\x20-\x7e]|<(?=U\+|0x)/gu
const NOT_PLAIN_LINE = /[^\x20-\x7e]|<(?=U\+|0x)| (?= *$)/gu

const spansOf = (text: string, notPlain: RegExp): ShownText => {
  const spans: Array<Span> = []
  let end = 0
  for (const { 0: character, index } of text.matchAll(notPlain)) {
    if (index > end) spans.push({ text: text.slice(end, index) })
    spans.push(escaped(character))
    end = index + character.length
  }
  if (end < text.length) spans.push({ text: text.slice(end) })
  return spans
}

const escaped = (character: string): Span => {
  const text = codePoint(character)
  const mark = MARKS.find(([pattern]) => pattern.test(character))?.[1]
  if (mark !== undefined) return { text, mark }
  const other = looksLike(character)
  if (other !== undefined) return { text, mark: "look-alike", looksLike: other }
  return { text, mark: /[\p{L}\p{M}\p{N}]/u.test(character) ? "letter" : "other" }
}

/** A text of several lines. */
export const showLines = (text: string): ShownLines => {
  const lines = text.split("\n")
  const isClosed = lines.at(-1) === ""
  return { lines: (isClosed ? lines.slice(0, -1) : lines).map(showLine), isClosed }
}

/** Bytes as lines: what is UTF-8 as its characters, every other byte by its value. */
export const showBytes = (bytes: Uint8Array): ShownLines => {
  const text = decoded(bytes)
  if (text !== undefined) return showLines(text)
  const lines = splitLines(bytes)
  const isClosed = lines.at(-1)?.length === 0
  return { lines: (isClosed ? lines.slice(0, -1) : lines).map(showByteLine), isClosed }
}

const decoded = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

const NEWLINE = 0x0a

const splitLines = (bytes: Uint8Array): ReadonlyArray<Uint8Array> => {
  const lines: Array<Uint8Array> = []
  let begin = 0
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, begin)) {
    lines.push(bytes.subarray(begin, at))
    begin = at + 1
  }
  return [...lines, bytes.subarray(begin)]
}

/** Characters of valid UTF-8 have at most this many bytes (RFC 3629 §3). */
const CHARACTER_BYTES_MAX = 4

const showByteLine = (line: Uint8Array): ShownText => {
  const whole = decoded(line)
  if (whole !== undefined) return showLine(whole)
  const spans: Array<Span> = []
  let text = ""
  for (let at = 0; at < line.length; ) {
    const character = characterAt(line, at)
    text += character ?? ""
    if (character === undefined) {
      spans.push(...showText(text), { text: byteEscape(line[at]!), mark: "invalid-utf8" })
      text = ""
    }
    at += character === undefined ? 1 : Buffer.byteLength(character)
  }
  return [...spans, ...showLine(text)]
}

const characterAt = (bytes: Uint8Array, at: number): string | undefined => {
  for (let length = 1; length <= CHARACTER_BYTES_MAX && at + length <= bytes.length; length++) {
    const text = decoded(bytes.subarray(at, at + length))
    if (text !== undefined) return text
  }
  return undefined
}
