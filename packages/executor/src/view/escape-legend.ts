// Says in words what the escapes of a faithful view stand for.
import { looksLike } from "./lookalike.ts"

/** So many different characters are explained; the escapes themselves are always complete. */
const EXPLAINED_MAX = 20

const NAMES: Readonly<Record<string, string>> = {
  "0000": "NUL",
  "0008": "backspace",
  "0009": "tab",
  "000A": "newline",
  "000D": "carriage return",
  "0020": "a space at the end of its line",
  "001B": "escape, which starts terminal commands",
  "003C": "the character <",
  "00A0": "no-break space",
  "00AD": "soft hyphen",
  "200B": "zero-width space",
  "200D": "zero-width joiner",
  "200E": "left-to-right mark",
  "200F": "right-to-left mark",
  "202A": "left-to-right embedding",
  "202B": "right-to-left embedding",
  "202C": "pop directional formatting",
  "202D": "left-to-right override",
  "202E": "right-to-left override",
  "2028": "line separator",
  "2066": "left-to-right isolate",
  "2067": "right-to-left isolate",
  FEFF: "byte order mark"
}

/** Scripts written from left to right: a letter of one of them can be shown without disturbing the line. */
const SCRIPTS = ["Latin", "Greek", "Cyrillic", "Han", "Hiragana", "Katakana", "Hangul"].map(
  (name) => [name, new RegExp(`^\\p{Script=${name}}$`, "u")] as const
)

const KINDS: ReadonlyArray<readonly [RegExp, string]> = [
  [/^[\p{Default_Ignorable_Code_Point}\p{Cf}]$/u, "invisible"],
  [/^\p{Cc}$/u, "a control character"],
  [/^\p{Z}$/u, "a blank"],
  [/^\p{M}$/u, "a mark on the character before it"],
  [/^\p{L}$/u, "a letter"],
  [/^\p{N}$/u, "a digit"],
  [/^\p{P}$/u, "punctuation"],
  [/^\p{S}$/u, "a symbol"]
]

/** The explanation of every different escape in the text, in order; `undefined` when there are none. */
export const escapeLegend = (escaped: string): string | undefined => {
  const codes = [...new Set(Array.from(escaped.matchAll(/<(U\+[0-9A-F]{4,6}|0x[0-9A-F]{2})>/g), ([, code]) => code!))]
  if (codes.length === 0) return undefined
  const explained = codes.slice(0, EXPLAINED_MAX).map((code) => `<${code}> is ${explainEscape(code)}`)
  const rest = codes.length - explained.length
  return explained.join(", ") + (rest > 0 ? `, and ${rest} more kinds` : "")
}

/** What the inside of an escape stands for: `U+202E`, or `0xFF`. */
export const explainEscape = (code: string): string =>
  code.startsWith("U+") ? explain(code.slice(2)) : "a byte that is no UTF-8"

const explain = (code: string): string => {
  const name = NAMES[code]
  if (name !== undefined) return name
  const character = String.fromCodePoint(Number.parseInt(code, 16))
  const kind = KINDS.find(([pattern]) => pattern.test(character))?.[1] ?? "not a character"
  const script = SCRIPTS.find(([, pattern]) => pattern.test(character))?.[0]
  const what = kind === "a letter" && script !== undefined ? `the ${script} letter ${character}` : kind
  const other = looksLike(character)
  return other === undefined ? what : `${what}, which looks like ${other}`
}
