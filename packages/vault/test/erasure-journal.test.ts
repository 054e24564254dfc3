import { appendFileSync, chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { Effect } from "effect"
import { describe, expect } from "vitest"
import { type ErasureEntry, ErasureJournal, erasureJournalFileLayer } from "../src/index.ts"
import { ACME, temporaryFolder } from "./vault-testing.ts"

const entry = (subject: string): ErasureEntry => ({
  organisation: ACME,
  subject,
  shredding: "shredding_00000000000000000000000001",
  at: "2026-01-01T00:00:00.000Z"
})
const path = Effect.map(temporaryFolder, (folder) => join(folder, "erasures"))
const use = <A, E>(file: string, work: (journal: ErasureJournal["Service"]) => Effect.Effect<A, E>) =>
  Effect.provide(Effect.flatMap(ErasureJournal, work), erasureJournalFileLayer({ path: file }), { local: true })
const entries = (file: string) => use(file, (journal) => journal.entries)

describe("the erasure journal", () => {
  it.effect("keeps what was appended, once each, readable by its owner alone", () =>
    Effect.gen(function* () {
      const file = yield* path
      expect(yield* entries(file)).toEqual([])
      for (const subject of ["person_x", "person_y\nwith a line break", "person_x"]) {
        yield* use(file, (journal) => journal.append(entry(subject)))
      }
      expect(yield* entries(file)).toEqual([entry("person_x"), entry("person_y\nwith a line break")])
      expect(readFileSync(file, "utf8").split("\n").length).toBe(4)
      expect(statSync(file).mode & 0o777).toBe(0o600)
      chmodSync(file, 0o644)
      yield* entries(file)
      expect(statSync(file).mode & 0o777).toBe(0o600)
    })
  )

  it.effect("forgets a line that a crash left half written, at any byte, and goes on", () =>
    Effect.gen(function* () {
      const file = yield* path
      yield* use(file, (journal) => journal.append(entry("person_x")))
      const whole = readFileSync(file)
      yield* use(file, (journal) => journal.append(entry("person_y")))
      const both = readFileSync(file)
      for (let length = 0; length < both.length; length++) {
        writeFileSync(file, both.subarray(0, length))
        const left = yield* entries(file)
        expect(left.length).toBe(length >= whole.length ? 1 : 0)
      }
      yield* use(file, (journal) => journal.append(entry("person_x")))
      yield* use(file, (journal) => journal.append(entry("person_y")))
      expect(readFileSync(file).equals(both)).toBe(true)
    })
  )

  it.effect("that was altered anywhere is refused with its line, and left as it is", () =>
    Effect.gen(function* () {
      const file = yield* path
      for (const subject of ["person_x", "person_y"]) yield* use(file, (journal) => journal.append(entry(subject)))
      const good = readFileSync(file)
      for (let at = 0; at < good.length - 1; at += 3) {
        const altered = Buffer.from(good)
        altered[at]! ^= 1
        writeFileSync(file, altered)
        const error = yield* Effect.flip(entries(file))
        expect(error).toMatchObject({ _tag: "ErasureJournalFailed", reason: "damaged" })
        expect(readFileSync(file).equals(altered)).toBe(true)
      }
      writeFileSync(file, good)
      appendFileSync(file, "{}\n")
      expect((yield* Effect.flip(entries(file))).message).toContain("line 4")
    })
  )

  it.effect("is never a link, and says what to do when it cannot be written", () =>
    Effect.gen(function* () {
      const file = yield* path
      symlinkSync("elsewhere", file)
      expect(yield* Effect.flip(entries(file))).toMatchObject({ reason: "unusable" })
      expect((yield* Effect.flip(entries(join(file, "none")))).message).toContain("Nothing was changed.")
    })
  )
})
