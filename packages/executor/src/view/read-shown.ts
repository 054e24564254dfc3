// From what was shown back to what it stands for. Strict: a span that hides anything, or says it in another way than `showText`, is
// refused.
import { Schema } from "effect"
import type { ShownLines, ShownText, Span } from "./shown-text.ts"

/** A view is not one that this release makes: it hides or disguises something. */
export class NotFaithful extends Schema.TaggedError<NotFaithful>()("NotFaithful", { detail: Schema.String }) {
  override get message() {
    return `The view does not show what it stands for (${this.detail}). Nothing was decided.`
  }
}

const PLAIN = /^(?:(?!<U\+|<0x)[\x20-\x7e])*$/
const CHARACTER = /^<U\+([1-9A-F][0-9A-F]{4,5}|[0-9A-F]{4})>$/
const BYTE = /^<0x([0-9A-F]{2})>$/
const CODE_POINT_MAX = 0x10ffff

/** The text that the spans show. Throws `NotFaithful`. */
export const readText = (spans: ShownText): string => spans.map(readCharacters).join("")

const readCharacters = ({ text, mark }: Span): string => {
  if (mark === undefined) return PLAIN.test(text) ? text : refuse("a span that is not plain")
  const code = Number.parseInt(CHARACTER.exec(text)?.[1] ?? "", 16)
  return code <= CODE_POINT_MAX ? String.fromCodePoint(code) : refuse("an escape that is none")
}

/** The bytes that the lines show. Throws `NotFaithful`. */
export const readBytes = ({ lines, isClosed }: ShownLines): Uint8Array => {
  const parts = lines.flatMap((line, index) => [...(index > 0 ? [Buffer.from("\n")] : []), ...line.map(readSpan)])
  return Buffer.concat(isClosed && lines.length > 0 ? [...parts, Buffer.from("\n")] : parts)
}

const readSpan = (span: Span): Uint8Array => {
  const byte = span.mark === "invalid-utf8" ? BYTE.exec(span.text)?.[1] : undefined
  return byte === undefined ? Buffer.from(readCharacters(span), "utf8") : Buffer.of(Number.parseInt(byte, 16))
}

/** The text that the lines show. Throws `NotFaithful`. */
export const readLines = ({ lines, isClosed }: ShownLines): string => {
  const text = lines.map(readText).join("\n")
  return isClosed && lines.length > 0 ? `${text}\n` : text
}

const refuse = (detail: string): never => {
  throw new NotFaithful({ detail })
}
