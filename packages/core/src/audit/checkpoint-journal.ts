// Checkpoints in a file outside of the database: appended, never rewritten, synced. What the database says later is held against it, so
// that a database that was cut, exchanged or rewritten is found even where no witness looks.
import { existsSync } from "node:fs"
import { type FileHandle, open, readFile, rename } from "node:fs/promises"
import { Effect } from "effect"

const MODE = 0o600
/** Then the file is put aside as `<path>.1`, and a new one begins: the newest checkpoints stand for all before them. */
const BYTES_MAX = 8 * 1024 * 1024
/** Longer than any checkpoint of this log. */
const LINE_BYTES_MAX = 65_536
/** What is held against the database. */
const CHECKPOINTS_READ_MAX = 1_000

/** The checkpoints that the journal kept, oldest first: at most the newest 1,000. A journal that is not there kept none. */
export const readJournal = Effect.fn("readJournal")(function* (path: string) {
  const lines = yield* Effect.promise(async () => {
    const texts = await Promise.all([`${path}.1`, path].map((file) => (existsSync(file) ? readFile(file, "utf8") : "")))
    return texts.flatMap(completeLines).slice(-CHECKPOINTS_READ_MAX)
  })
  return lines.map(noteIn)
})

/** A line that a crash cut short was never promised to anybody. */
const completeLines = (text: string): ReadonlyArray<string> => text.split("\n").slice(0, -1)

/** A line that somebody damaged is no checkpoint any more, and whoever verifies it says so. */
const noteIn = (line: string): string => {
  try {
    return String(JSON.parse(line))
  } catch {
    return line
  }
}

/** Appends a checkpoint's signed note, and returns when it is on the disk. */
export const appendToJournal = Effect.fn("appendToJournal")(function* (path: string, note: string) {
  yield* Effect.promise(async () => {
    const file = await open(path, "a+", MODE)
    try {
      await dropTornLine(file)
      await file.appendFile(`${JSON.stringify(note)}\n`)
      await file.datasync()
      if ((await file.stat()).size > BYTES_MAX) await rename(path, `${path}.1`)
    } finally {
      await file.close()
    }
  })
})

const dropTornLine = async (file: FileHandle): Promise<void> => {
  const { size } = await file.stat()
  const begin = Math.max(0, size - LINE_BYTES_MAX)
  const tail = Buffer.alloc(size - begin)
  await file.read(tail, 0, tail.length, begin)
  const end = begin + tail.lastIndexOf(0x0a) + 1
  if (end < size) await file.truncate(end)
}
