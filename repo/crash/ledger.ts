// What really happened, kept by the commands themselves outside of FluxCybers: each appends a line when it starts and when it ends.
import { appendFileSync, existsSync, readFileSync } from "node:fs"
import { join } from "node:path"

export interface Counts {
  readonly started: number
  readonly finished: number
}

export class Ledger {
  readonly #started: string
  readonly #finished: string

  constructor(folder: string) {
    this.#started = join(folder, "started")
    this.#finished = join(folder, "finished")
    for (const file of [this.#started, this.#finished]) appendFileSync(file, "")
  }

  /** A script whose effects can be counted. Appending one short line is atomic (POSIX write with O_APPEND). */
  script(mark: string, durationMs: number): string {
    return `echo ${mark} >> '${this.#started}'\nsleep ${(durationMs / 1_000).toFixed(3)}\necho ${mark} >> '${this.#finished}'\necho done`
  }

  counts(): Map<string, Counts> {
    const started = tally(this.#started)
    const finished = tally(this.#finished)
    const marks = new Set([...started.keys(), ...finished.keys()])
    return new Map(
      [...marks].map((mark) => [mark, { started: started.get(mark) ?? 0, finished: finished.get(mark) ?? 0 }])
    )
  }

  startedLines(): number {
    return lines(this.#started).length
  }

  finishedLines(): number {
    return lines(this.#finished).length
  }
}

const lines = (file: string): ReadonlyArray<string> =>
  existsSync(file)
    ? readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line !== "")
    : []

const tally = (file: string): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const line of lines(file)) counts.set(line, (counts.get(line) ?? 0) + 1)
  return counts
}
