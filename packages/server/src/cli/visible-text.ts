// Text from servers, files and other people on a terminal: nothing in it may move the cursor, hide, reorder or pass for
// something else. What is taken out is written as `<U+XXXX>`; a literal `<U+` is written as `<U+003C>U+`, so both directions are
// unambiguous.

const ESCAPE_START = String.raw`<(?=U\+)`

/** Control, format (bidi among them), private, unassigned, lone surrogate, invisible by default, and every blank but the space. */
const HIDDEN = new RegExp(
  String.raw`[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Cn}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}|${ESCAPE_START}`,
  "gu"
)
const NOT_PRINTABLE_ASCII = new RegExp(String.raw`[^\x20-\x7e]|${ESCAPE_START}`, "gu")

/** For tables and sentences: letters of every script stay as they are. */
export const visible = (text: string): string => text.replace(HIDDEN, codePoint)

/** For what is decided on: only printable ASCII stays, because any other letter may look like one of it. */
export const faithful = (text: string): string => text.replace(NOT_PRINTABLE_ASCII, codePoint)

/** `<U+202E>` for the first character of the text. */
export const codePoint = (character: string): string =>
  `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}>`
