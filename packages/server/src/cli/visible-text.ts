// Text from servers, files and other people on a terminal: nothing in it may move the cursor, hide, reorder or pass for
// something else. What is taken out is written as `<U+XXXX>`; a literal `<U+` is written as `<U+003C>U+`, so both directions are
// unambiguous. What is decided on is shown more strictly still: `@fluxcybers/executor/view`.
import { codePoint } from "@fluxcybers/executor/view"

const ESCAPE_START = String.raw`<(?=U\+)`

/** Control, format (bidi among them), private, unassigned, lone surrogate, invisible by default, and every blank but the space. */
const HIDDEN = new RegExp(
  String.raw`[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Cn}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}|${ESCAPE_START}`,
  "gu"
)

/** For tables and sentences: letters of every script stay as they are. */
export const visible = (text: string): string => text.replace(HIDDEN, codePoint)
