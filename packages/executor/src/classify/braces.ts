// Brace lists are expanded before everything else, so an option may stand in one: the words they make are judged one by one.
import type { WordPart } from "unbash"

/** Words that one word may become; with more, its lists count as unknown text. */
const WORDS_MAX = 32

/** The part lists of the words that a word with brace lists becomes; none when it has no list or one that is not simple. */
export const expandBraces = (parts: ReadonlyArray<WordPart>): ReadonlyArray<ReadonlyArray<WordPart>> | undefined => {
  if (!parts.some((part) => part.type === "BraceExpansion")) return undefined
  let lists: ReadonlyArray<ReadonlyArray<WordPart>> = [[]]
  for (const part of parts) {
    const items = part.type === "BraceExpansion" ? listItems(part.text) : undefined
    if (part.type === "BraceExpansion" && items === undefined) return undefined
    const choices = items?.map((value): WordPart => ({ ...position(part), type: "Literal", value, text: value })) ?? [
      part
    ]
    if (lists.length * choices.length > WORDS_MAX) return undefined
    lists = lists.flatMap((list) => choices.map((choice) => [...list, choice]))
  }
  return lists
}

const position = (part: WordPart) => ({ pos: part.pos, end: part.end })

const listItems = (text: string): ReadonlyArray<string> | undefined => {
  const inner = text.slice(1, -1)
  const range = /^(\d{1,6})\.\.(\d{1,6})$/.exec(inner)
  if (range !== null) return numbers(Number(range[1]), Number(range[2]))
  return /^[\w.,/:@%+=-]*,[\w.,/:@%+=-]*$/.test(inner) ? inner.split(",") : undefined
}

const numbers = (from: number, to: number): ReadonlyArray<string> | undefined => {
  const count = Math.abs(to - from) + 1
  if (count > WORDS_MAX) return undefined
  return Array.from({ length: count }, (_, index) => String(from + (to < from ? -index : index)))
}
