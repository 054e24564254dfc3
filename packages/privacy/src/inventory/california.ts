// What a business tells people in California about the categories that it collects: Civil Code §§ 1798.100(a), 1798.110(c), 1798.130(a)(5).
import { Array as Arr } from "effect"
import { type CaliforniaCategory, type Inventory, personalColumns } from "./inventory.ts"

/** One of the categories of the Act. */
export interface CaliforniaRow {
  readonly letter: CaliforniaCategory
  /** In short; the Act's own words are longer. */
  readonly title: string
  readonly collected: boolean
  /** What of it, in the words of the inventory. */
  readonly examples: ReadonlyArray<string>
  readonly sources: ReadonlyArray<string>
  readonly purposes: ReadonlyArray<string>
  /** Disclosed for a business purpose to these. */
  readonly disclosedTo: ReadonlyArray<string>
  /** Sold, or shared for cross-context behavioural advertising, to these. */
  readonly soldTo: ReadonlyArray<string>
  /** How long it is kept (§ 1798.100(a)(3)). */
  readonly kept: ReadonlyArray<string>
}

/** Civil Code § 1798.140(v)(1)(A) to (L). */
export const CALIFORNIA_CATEGORIES: Readonly<Record<CaliforniaCategory, string>> = {
  A: "Identifiers",
  B: "Customer records",
  C: "Protected classifications",
  D: "Commercial information",
  E: "Biometric information",
  F: "Internet or other network activity",
  G: "Geolocation",
  H: "Audio, electronic, visual, thermal or olfactory information",
  I: "Professional or employment information",
  J: "Education information",
  K: "Inferences",
  L: "Sensitive personal information"
}

/** The table, a row for each category of the Act: those that are not collected are in it and say so. */
export const californiaTable = (inventory: Inventory): ReadonlyArray<CaliforniaRow> =>
  (Object.keys(CALIFORNIA_CATEGORIES) as ReadonlyArray<CaliforniaCategory>).map((letter) => rowOf(inventory, letter))

const rowOf = (inventory: Inventory, letter: CaliforniaCategory): CaliforniaRow => {
  const { categories, purposes, retention, recipients = {} } = inventory
  const isOfIt = (name: string): boolean => categories[name]!.california?.includes(letter) ?? false
  const columns = personalColumns(inventory)
    .map(({ column }) => column)
    .filter(({ category }) => isOfIt(category))
  const kinds = Arr.dedupe(columns.map(({ category }) => category)).map((name) => categories[name]!)
  const theirs = Object.values(recipients).filter((recipient) => recipient.categories.some(isOfIt))
  return {
    letter,
    title: CALIFORNIA_CATEGORIES[letter],
    collected: columns.length > 0,
    examples: kinds.map(({ title }) => title),
    sources: Arr.dedupe(kinds.flatMap(({ sources }) => sources)),
    purposes: Arr.dedupe(columns.flatMap((column) => column.purposes)).map((name) => purposes[name]!.title),
    disclosedTo: theirs.filter(({ sold }) => sold !== true).map(({ title }) => title),
    soldTo: theirs.filter(({ sold }) => sold === true).map(({ title }) => title),
    kept: Arr.dedupe(columns.map((column) => retention[column.retention]!.title))
  }
}
