// The journal of checkpoints outside of the database.
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { appendToJournal, readJournal } from "../src/audit/checkpoint-journal.ts"
import { AuditLog, auditLogLayer, ephemeralSigningKey, newId, OrganisationId, SystemActor } from "../src/index.ts"

const origin = "log.test/fluxcybers"
const key = ephemeralSigningKey(origin)
const organisation = Effect.runSync(newId(OrganisationId, "org"))

const temporaryFile = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "fluxcybers-journal-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
  ),
  (folder) => join(folder, "checkpoints")
)

const write = Effect.fnUntraced(function* (count: number) {
  const audit = yield* AuditLog
  for (let index = 0; index < count; index++) {
    const event = { organisation, actor: new SystemActor({ component: "test" }), object: `thing-${index}` }
    const id = yield* audit.record({ ...event, action: "thing.changed", outcome: "success" })
    yield* audit.awaitCheckpoint(id)
  }
  return yield* audit.checkpoint
})

describe("the journal", () => {
  it.live("keeps checkpoints in their order, in a file that only its owner reads", () =>
    Effect.gen(function* () {
      const path = yield* temporaryFile
      expect(yield* readJournal(path)).toEqual([])
      yield* appendToJournal(path, "one\n")
      yield* appendToJournal(path, "two\n")
      expect(yield* readJournal(path)).toEqual(["one\n", "two\n"])
      expect(statSync(path).mode & 0o777).toBe(0o600)
    })
  )

  it.live("forgets a line that a crash cut short, and nothing else", () =>
    Effect.gen(function* () {
      const path = yield* temporaryFile
      yield* appendToJournal(path, "one\n")
      appendFileSync(path, '"tw')
      expect(yield* readJournal(path)).toEqual(["one\n"])
      yield* appendToJournal(path, "three\n")
      expect(yield* readJournal(path)).toEqual(["one\n", "three\n"])
    })
  )

  it.live("is put aside when it is long, and still read", () =>
    Effect.gen(function* () {
      const path = yield* temporaryFile
      writeFileSync(path, `${JSON.stringify("x".repeat(1_000))}\n`.repeat(8_500))
      yield* appendToJournal(path, "last before\n")
      expect([existsSync(path), existsSync(`${path}.1`)]).toEqual([false, true])
      yield* appendToJournal(path, "first after\n")
      expect((yield* readJournal(path)).slice(-2)).toEqual(["last before\n", "first after\n"])
    })
  )
})

describe.each(databases)("$name", ({ layer }) => {
  /** Opens the log on a database, with the journal. */
  const on = <A, E>(database: ReturnType<typeof layer>, journal: string, work: Effect.Effect<A, E, AuditLog>) =>
    Effect.provide(work, Layer.fresh(auditLogLayer({ origin, key, journal }).pipe(Layer.provide(database))))

  it.live("the newest checkpoint is in the journal when the log closes, and the log opens again", () =>
    Effect.gen(function* () {
      const journal = yield* temporaryFile
      const database = Layer.fresh(layer())
      yield* Effect.gen(function* () {
        const note = yield* on(database, journal, write(3))
        expect(JSON.parse(readFileSync(journal, "utf8").trimEnd().split("\n").at(-1)!)).toBe(note)
      })
      const other = yield* Effect.flip(on(Layer.fresh(layer()), journal, write(1)))
      expect(other).toMatchObject({ _tag: "LogRolledBack", reason: "truncated", known: 3, size: 0 })
    })
  )

  it.live("a log that somebody wrote anew with its own key is not opened, and verifying it tells of the fork", () =>
    Effect.gen(function* () {
      const [journal, elsewhere] = [yield* temporaryFile, yield* temporaryFile]
      yield* on(Layer.fresh(layer()), journal, write(3))
      const forged = Layer.succeedContext(yield* Layer.build(layer()))
      yield* on(forged, elsewhere, write(5))
      const refused = yield* Effect.flip(on(forged, journal, write(1)))
      expect(refused).toMatchObject({ _tag: "LogRolledBack", reason: "forked", known: 3 })
      const report = yield* on(
        forged,
        elsewhere,
        Effect.gen(function* () {
          writeFileSync(elsewhere, readFileSync(journal))
          return yield* (yield* AuditLog).verify
        })
      )
      expect(report.problems.map(({ kind, index }) => `${kind} ${index}`)).toEqual(
        ["fork 1", "fork 2", "fork 3"].slice(-report.problems.length)
      )
      expect(report.problems.at(-1)).toMatchObject({ kind: "fork", index: 3 })
    })
  )
})
