// Escapes of a faithful view: `<U+202E>` for a character, `<0xFF>` for a byte that is no UTF-8. A literal `<U+` or `<0x` is written
// with its `<` escaped, so that both directions are unambiguous. Format: docs/spec/faithful-view.md.

const NOT_PLAIN = /[^\x20-\x7e]|<(?=U\+|0x)/gu

/** Only printable ASCII stays, because any other letter may look like one of it. */
export const faithful = (text: string): string => text.replace(NOT_PLAIN, codePoint)

/** `<U+202E>` for the first character of the text. */
export const codePoint = (character: string): string =>
  `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}>`

/** `<0xFF>`. */
export const byteEscape = (byte: number): string => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`
