// Labelled values on lines, as the renderings of a view have them.
import type { ShownText } from "./shown-text.ts"

const GAP = "  "

/** A label, and a text that is safe to print; a row without a text is left out. */
export type Row = readonly [label: string, value: string | undefined]

/**
 * One `label  value` on a line; values that are absent are left out. Values are already safe to print. Lines longer than
 * `columns` are continued after a `>` where other lines have a blank: what a terminal would wrap by itself could pass for
 * another row.
 */
export const labelled = (rows: ReadonlyArray<Row>, columns = Number.POSITIVE_INFINITY): string => {
  const present = rows.filter((row): row is readonly [string, string] => row[1] !== undefined)
  const labelWidth = Math.max(...present.map(([label]) => label.length))
  const valueWidth = Math.max(VALUE_COLUMNS_MIN, columns - labelWidth - GAP.length)
  return present
    .flatMap(([label, value]) =>
      chunks(value, valueWidth).map((chunk, index) =>
        index === 0 ? `${label.padEnd(labelWidth)}${GAP}${chunk}` : `${"".padEnd(labelWidth)}${CONTINUED}${chunk}`
      )
    )
    .map((line) => `${line}\n`)
    .join("")
}

const VALUE_COLUMNS_MIN = 20
const CONTINUED = "> "

const chunks = (text: string, width: number): ReadonlyArray<string> => {
  if (text.length <= width) return [text]
  return Array.from({ length: Math.ceil(text.length / width) }, (_, index) =>
    text.slice(index * width, (index + 1) * width)
  )
}

/** A text of the view as it is printed. */
export const joined = (text: ShownText): string => text.map((span) => span.text).join("")

/** Rows of which the first has the label. */
export const headed = (label: string, values: ReadonlyArray<string>): ReadonlyArray<Row> =>
  values.map((value, index) => [index === 0 ? label : "", value])
