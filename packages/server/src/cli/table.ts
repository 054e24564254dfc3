// Aligned text for people: columns, and labelled values. Cells are untrusted text and are made visible here.
import { CliOutput } from "effect/cli"
import { visible } from "./visible-text.ts"

const GAP = "  "

/** Columns under a heading, as wide as their widest cell; `empty` when there are no rows. */
export const table = (
  headings: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
  empty: string
): string => {
  if (rows.length === 0) return `${empty}\n`
  const cells = [headings, ...rows.map((row) => row.map((cell) => visible(cell) || "-"))]
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => CliOutput.displayWidth(row[column] ?? ""))))
  return cells
    .map(
      (row) =>
        `${row
          .map((cell, column) => padded(cell, widths[column] ?? 0))
          .join(GAP)
          .trimEnd()}\n`
    )
    .join("")
}

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

const padded = (cell: string, width: number): string =>
  cell + " ".repeat(Math.max(0, width - CliOutput.displayWidth(cell)))
