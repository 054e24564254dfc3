// A classification for a person: the line, and under it each piece that was judged, marked by what it would do.

import type { Classification } from "@fluxcybers/executor/classify"
import { faithful } from "@fluxcybers/executor/view"

/** One command line and its parts; every line of it begins with a class or with spaces. */
export const classificationView = (line: string, { class: access, parts }: Classification): string => {
  const rows = [`${access.padEnd(COLUMN)}${faithful(line)}`]
  for (const part of parts) {
    const before = columns(line.slice(0, part.range[0]))
    const marked = Math.max(1, columns(line.slice(...part.range)))
    rows.push(`${" ".repeat(COLUMN + before)}${"^".repeat(marked)}`)
    rows.push(`${" ".repeat(COLUMN)}${part.class}: ${faithful(part.why)}`)
  }
  return `${rows.join("\n")}\n`
}

/** The longest class and two spaces. */
const COLUMN = 12

/** What is printed is ASCII, so each character of it takes one column. */
const columns = (text: string): number => faithful(text).length
