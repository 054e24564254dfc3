// The text of the erasure journal: a first line that names it, then one line for each erasure, each with its own checksum.
import { createHash } from "node:crypto"
import { Option, Schema } from "effect"
import { ErasureEntry } from "./erasure-journal.ts"

export const JOURNAL_HEADER = "fluxcybers erasure journal v1\n"
const CHECKSUM_LENGTH = 64
const encode = Schema.encodeSync(Schema.fromJsonString(ErasureEntry))
const decode = Schema.decodeUnknownOption(Schema.fromJsonString(ErasureEntry))

export const journalLine = (entry: ErasureEntry): string => {
  const json = encode(entry)
  return `${checksum(json)} ${json}\n`
}

/** What a journal's text says. */
export interface JournalContent {
  readonly entries: ReadonlyArray<ErasureEntry>
  /** Length of what was written whole. What follows was never acknowledged: a crash cut it off. */
  readonly wholeLength: number
}

/** The entries, or the number of the first line (from 1) that is not as it was written. */
export const readJournal = (text: string): JournalContent | { readonly damagedLine: number } => {
  const wholeLength = text.lastIndexOf("\n") + 1
  const [header, ...lines] = text.slice(0, wholeLength).split("\n").slice(0, -1)
  if (header === undefined)
    return JOURNAL_HEADER.startsWith(text) ? { entries: [], wholeLength: 0 } : { damagedLine: 1 }
  if (`${header}\n` !== JOURNAL_HEADER) return { damagedLine: 1 }
  const entries = lines.map(entryOf)
  const damaged = entries.findIndex(Option.isNone)
  return damaged === -1 ? { entries: entries.flatMap(Option.toArray), wholeLength } : { damagedLine: damaged + 2 }
}

const entryOf = (line: string): Option.Option<ErasureEntry> => {
  const json = line.slice(CHECKSUM_LENGTH + 1)
  return line === `${checksum(json)} ${json}` ? decode(json) : Option.none()
}

const checksum = (json: string): string => createHash("sha256").update(json).digest("hex")
