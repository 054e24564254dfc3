// What in the texts of a view deceives readers, gathered so that nobody has to find it, and what its escapes mean.
import { explainEscape } from "./escape-legend.ts"
import type { FaithfulView } from "./faithful-view.ts"
import { mixedScripts } from "./lookalike.ts"
import { readText } from "./read-shown.ts"
import { type Mark, type ShownText, showText } from "./shown-text.ts"

/** A text with where it stands. */
export type Place = readonly [where: string, text: ShownText]

/** A longer line is shown whole too, but a reader may miss its end. */
const LINE_COLUMNS_MAX = 500

/** In the order in which they are told. Other letters and symbols deceive nobody by themselves. */
const DECEIVING: ReadonlyArray<Mark> = [
  "bidi",
  "invisible",
  "control",
  "look-alike",
  "blank",
  "invalid-utf8",
  "trailing-blank",
  "literal"
]

type Deception = FaithfulView["deceptions"][number]

/** Every kind once, with its first place. */
export const deceptionsIn = (places: ReadonlyArray<Place>): ReadonlyArray<Deception> => [
  ...DECEIVING.flatMap((kind) => counted(kind, places, (text) => text.filter(({ mark }) => mark === kind).length)),
  ...counted("mixed-scripts", places, (text) => (isPlain(text) || mixedScripts(characters(text)).length === 0 ? 0 : 1)),
  ...counted("long-line", places, (text) => (columns(text) > LINE_COLUMNS_MAX ? 1 : 0))
]

const counted = (kind: Deception["kind"], places: ReadonlyArray<Place>, countIn: (text: ShownText) => number) => {
  let count = 0
  let where: string | undefined
  for (const [place, text] of places) {
    const found = countIn(text)
    if (found > 0) where ??= place
    count += found
  }
  return where === undefined ? [] : [{ kind, count, where: showText(where) }]
}

const isPlain = (text: ShownText): boolean => text.every(({ mark }) => mark === undefined)

const characters = (text: ShownText): string => readText(text.filter(({ mark }) => mark !== "invalid-utf8"))

const columns = (text: ShownText): number => text.reduce((sum, span) => sum + span.text.length, 0)

/** Each escape once, in the order of the texts. */
export const legendOf = (places: ReadonlyArray<Place>): FaithfulView["legend"] => {
  const escapes = places.flatMap(([, text]) => text.flatMap((span) => (span.mark === undefined ? [] : [span.text])))
  return [...new Set(escapes)].map((text) => ({ escape: text, meaning: explainEscape(text.slice(1, -1)) }))
}
