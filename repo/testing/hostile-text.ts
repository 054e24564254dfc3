// Text made to deceive: control, bidi, zero-width and look-alike characters, escapes that look like ours, lone surrogates.
import fc from "fast-check"

const HOSTILE = [
  "a",
  " ",
  "\t",
  "\n",
  "\r",
  "\0",
  "\x1b",
  "\x7f",
  "\u0085",
  "\u00a0",
  "\u00ad",
  "\u0338",
  "\u0430",
  "\u200b",
  "\u200d",
  "\u200f",
  "\u202a",
  "\u202e",
  "\u2028",
  "\u2029",
  "\u2066",
  "\u3000",
  "\ufeff",
  "\uff0f",
  "\ud800",
  "\udc00",
  "\u{e0072}",
  "é",
  "小",
  "😀",
  "<",
  "U",
  "+",
  ">",
  "<U+202E>",
  "<U+",
  "'",
  "\\",
  '"',
  "=",
  "@",
  "|",
  "1 | "
]

export const hostileText = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ maxLength: 3 })), { maxLength: 12 })
  .map((parts) => parts.join(""))
