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

const padded = (cell: string, width: number): string =>
  cell + " ".repeat(Math.max(0, width - CliOutput.displayWidth(cell)))
