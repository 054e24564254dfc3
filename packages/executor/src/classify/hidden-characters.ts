// Characters that a person cannot see, or sees as others: what was approved must be what was looked at.
import type { Part } from "./classification.ts"

// \p{Cc} control, \p{Cf} format (bidi, zero-width, tags), \p{Zl}\p{Zp} line and paragraph separators, \p{Zs} other spaces,
// \p{Co}\p{Cs}\p{Cn} private use, lone surrogates, unassigned; a mark on nothing visible is caught as non-ASCII later.
const HIDDEN = /(?![\n\t ])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Zs}\p{Co}\p{Cs}\p{Cn}\p{Default_Ignorable_Code_Point}]/u

const PRINTABLE_ASCII = /^[\n\t\x20-\x7e]*$/

/** The first hidden character as a part of class unknown. */
export const hiddenCharacter = (text: string): Part | undefined => {
  if (PRINTABLE_ASCII.test(text)) return undefined
  const found = HIDDEN.exec(text)
  if (found === null) return undefined
  const codePoint = found[0].codePointAt(0) as number
  return {
    range: [found.index, found.index + found[0].length],
    class: "unknown",
    why: `an invisible or control character, U+${codePoint.toString(16).toUpperCase().padStart(4, "0")}`
  }
}

export const hasNonAscii = (text: string): boolean => !PRINTABLE_ASCII.test(text)
