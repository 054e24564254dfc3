// The judged pieces of a command as rows: class, place, the piece itself, and why.
import type { FaithfulView } from "./faithful-view.ts"
import { readLines, readText } from "./read-shown.ts"
import { headed, joined, type Row } from "./rows.ts"
import { shellWord } from "./shell-word.ts"

/** The whole command stands above; a piece is repeated to be recognised, not to be read. */
const PIECE_COLUMNS_MAX = 60

export const partRows = ({ parts, command }: FaithfulView): ReadonlyArray<Row> => {
  if (command._tag === "Upload" || command._tag === "Download") return []
  const source = command._tag === "Argv" ? command.words.map(readText).join(" ") : readLines(command.script)
  const placeOf = command._tag === "Argv" ? () => "" : linePlaces(source)
  return headed(
    "Judged",
    parts.map(({ range: [start, end], class: access, why, depth }) => {
      const piece = `${placeOf(start)}${excerpt(source.slice(start, end))}`
      return `${"  ".repeat(depth)}${access}  ${piece}  ${joined(why)}`
    })
  )
}

const excerpt = (text: string): string =>
  text.length <= PIECE_COLUMNS_MAX
    ? shellWord(text)
    : `${shellWord(text.slice(0, PIECE_COLUMNS_MAX))} and ${text.length - PIECE_COLUMNS_MAX} more`

/** `3:5 ` for the third line, fifth column. The parts come in order, so each line is counted once. */
const linePlaces = (source: string) => {
  let line = 1
  let lineStart = 0
  return (at: number): string => {
    for (let next = source.indexOf("\n", lineStart); next >= 0 && next < at; next = source.indexOf("\n", lineStart)) {
      line++
      lineStart = next + 1
    }
    return `${line}:${at - lineStart + 1} `
  }
}
