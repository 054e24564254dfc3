// The erasure journal in a file: append only, on disk before anything is destroyed, readable by its owner alone.
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeSync
} from "node:fs"
import { dirname } from "node:path"
import { Effect, Layer } from "effect"
import { codeOf, syncFolder } from "../keys/key-file.ts"
import { type ErasureEntry, ErasureJournal, ErasureJournalFailed } from "./erasure-journal.ts"
import { JOURNAL_HEADER, journalLine, readJournal } from "./journal-text.ts"

const MODE = 0o600
const OTHERS = 0o077

/**
 * The journal in a file, which is made when it is missing. Keep a copy of it apart from the copies of the database, and never put an
 * older one back. Fails with `ErasureJournalFailed` when a line is not as it was written. One process writes to a file at a time.
 */
export const erasureJournalFileLayer = (options: {
  readonly path: string
}): Layer.Layer<ErasureJournal, ErasureJournalFailed> =>
  Layer.effect(
    ErasureJournal,
    Effect.gen(function* () {
      const { path } = options
      const journal = yield* Effect.acquireRelease(
        attempt(path, () => openJournal(path)),
        ({ file }) => Effect.sync(() => closeSync(file))
      )
      return ErasureJournal.of({
        entries: Effect.sync(() => [...journal.entries.values()]),
        append: (entry) => attempt(path, () => append(journal, entry))
      })
    })
  )

interface OpenJournal {
  readonly file: number
  readonly entries: Map<string, ErasureEntry>
}

const openJournal = (path: string): OpenJournal => {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDWR } = constants
  const file = openSync(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, MODE)
  try {
    if ((fstatSync(file).mode & OTHERS) !== 0) fchmodSync(file, MODE)
    const content = readJournal(readFileSync(file, "utf8"))
    if ("damagedLine" in content) throw damaged(path, content.damagedLine)
    cutOff(file, content.wholeLength)
    syncFolder(dirname(path))
    return { file, entries: new Map(content.entries.map((entry) => [nameOf(entry), entry])) }
  } catch (cause) {
    closeSync(file)
    throw cause
  }
}

/** Removes what a crash left half written, and begins a journal that is empty. */
const cutOff = (file: number, wholeLength: number): void => {
  ftruncateSync(file, wholeLength)
  if (wholeLength === 0) writeSync(file, JOURNAL_HEADER)
  fsyncSync(file)
}

const append = ({ file, entries }: OpenJournal, entry: ErasureEntry): void => {
  if (entries.has(nameOf(entry))) return
  const before = fstatSync(file).size
  const line = journalLine(entry)
  try {
    // A short write (a full disk) would join this line and the next one.
    if (writeSync(file, line) !== Buffer.byteLength(line)) throw new Error("short write")
    fsyncSync(file)
  } catch (cause) {
    ftruncateSync(file, before)
    throw cause
  }
  entries.set(nameOf(entry), entry)
}

const nameOf = ({ organisation, subject }: ErasureEntry): string => `${organisation}/${subject}`

const damaged = (path: string, line: number) =>
  new ErasureJournalFailed({
    path,
    reason: "damaged",
    detail: `was altered in line ${line}: the erasures in it cannot be relied on. Put back its newest copy.`
  })

const attempt = <A>(path: string, work: () => A): Effect.Effect<A, ErasureJournalFailed> =>
  Effect.try({
    try: work,
    catch: (cause) =>
      cause instanceof ErasureJournalFailed
        ? cause
        : new ErasureJournalFailed({
            path,
            reason: "unusable",
            detail: `cannot be written (${codeOf(cause)}). Check its folder, its owner and the free space.`
          })
  })
