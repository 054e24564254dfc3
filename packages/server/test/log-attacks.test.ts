// Somebody who may write everything in the log's database and files, and who stole its key, against `verify` and one honest witness.
import { copyFileSync } from "node:fs"
import { join } from "node:path"
import { it } from "@effect/vitest"
import {
  AuditLog,
  Database,
  type Database as Db,
  type NoteSigner,
  newId,
  OrganisationId,
  SystemActor,
  verifyLog,
  type WitnessPolicy
} from "@fluxcybers/core"
import { Effect, Logger } from "effect"
import { describe, expect } from "vitest"
import { temporaryFolder } from "./test-server.ts"
import { named, newKey, onDatabase, onLog, runWitness, witnessed, write } from "./witnessed-log.ts"

interface Attacked {
  readonly filename: string
  /** The database as it was when the log had 5 of its 12 entries. */
  readonly older: string
  readonly key: NoteSigner
  readonly policy: WitnessPolicy
  /** The cosigned checkpoint of that time. */
  readonly early: string
}

/** A log of 12 entries, all of which the witness vouches for. */
const attacked = Effect.gen(function* () {
  const folder = yield* temporaryFolder
  const [filename, older] = [join(folder, "log.db"), join(folder, "older.db")]
  const key = newKey()
  const { policy } = yield* runWitness(key)
  const early = yield* onLog({ filename, key, policy }, Effect.andThen(write(...named("thing", 5)), witnessed))
  copyFileSync(filename, older)
  yield* onLog({ filename, key, policy }, Effect.andThen(write(...named("later", 7)), witnessed))
  expect(yield* found({ filename, key, policy })).toEqual([])
  return { filename, older, key, policy, early } satisfies Attacked
})

type Log = Pick<Attacked, "filename" | "key"> & { readonly policy?: WitnessPolicy }

const found = ({ filename, key, policy }: Log, seen: ReadonlyArray<string> = []) =>
  onDatabase(
    filename,
    Effect.map(verifyLog({ verifierKey: key.verifier.text, seen, ...(policy && { policy }) }), ({ problems }) =>
      problems.map(({ kind, index }) => `${kind} ${index}`)
    )
  )

/** Whoever owns the database can take the guards away. */
const unguarded = (filename: string, change: (sql: Db["Service"]["sql"]) => Effect.Effect<unknown, unknown>) =>
  onDatabase(
    filename,
    Effect.gen(function* () {
      const { sql } = yield* Database
      for (const { name } of yield* sql<{ name: string }>`SELECT name FROM sqlite_schema WHERE type = 'trigger'`) {
        yield* sql.unsafe(`DROP TRIGGER ${name}`)
      }
      yield* change(sql)
    })
  )

/** Goes on with a log under the stolen key, and asks the witness; what the witness made of it. */
const goOn = Effect.fnUntraced(function* (log: Log, objects: ReadonlyArray<string>) {
  const told: Array<string> = []
  const logger = Logger.make(({ message }) => void told.push(String(message)))
  const note = yield* onLog(log, Effect.andThen(write(...objects), Effect.delay(write(), "3 seconds"))).pipe(
    Effect.provide(Logger.layer([logger]))
  )
  return { isWitnessed: note.includes("— witness.test/w1"), told: told.join("\n") }
})

const organisation = Effect.runSync(newId(OrganisationId, "org"))
const event = { organisation, actor: new SystemActor({ component: "test" }), object: "audit-log" }

const many = Effect.fnUntraced(function* (count: number) {
  const { record } = yield* AuditLog
  const made = { ...event, action: "thing.changed", outcome: "success" } as const
  yield* Effect.forEach(named("many", count), (object) => record({ ...made, object }), { concurrency: "unbounded" })
  yield* write("last")
})

/** As the log itself would say it: everything in the first bundle was older than this. */
const forgedPurge = Effect.fnUntraced(function* (before: string) {
  const log = yield* AuditLog
  const facts = { end: 256, before }
  yield* log.awaitCheckpoint(yield* log.record({ ...event, action: "audit-log.purged", outcome: "intent", facts }))
})

describe("somebody who owns the database and the key cannot unnoticed", () => {
  it.live("change an entry", () =>
    Effect.gen(function* () {
      const log = yield* attacked
      yield* unguarded(
        log.filename,
        (sql) =>
          sql`UPDATE core_audit_entries SET leaf = CAST(replace(CAST(leaf AS TEXT), 'success', 'failure') AS BLOB) WHERE leaf_index = 3`
      )
      expect(yield* found(log)).toEqual(["invalid-entry 3"])
    })
  )

  it.live("drop the tail, also when everything that knew of it in the database goes with it", () =>
    Effect.gen(function* () {
      const log = yield* attacked
      expect(yield* found({ ...log, filename: log.older })).toEqual(["truncated 5"])
      const { isWitnessed, told } = yield* goOn({ ...log, filename: log.older }, [])
      expect(isWitnessed).toBe(true)
      expect(told).toContain("saw 12 entries of this log, which has fewer")
    })
  )

  it.live("drop the tail and write another one, as long or longer", () =>
    Effect.gen(function* () {
      const log = yield* attacked
      const forked = { ...log, filename: log.older }
      const { isWitnessed, told } = yield* goOn(forked, named("forged", 9))
      expect(isWitnessed).toBe(false)
      expect(told).toContain("saw another history of this log")
      expect(yield* found(forked)).toEqual(["fork 12"])
    })
  )

  it.live("rewrite everything", () =>
    Effect.gen(function* () {
      const log = yield* attacked
      const rewritten = { ...log, filename: join(yield* temporaryFolder, "rewritten.db") }
      const { isWitnessed, told } = yield* goOn(rewritten, named("forged", 12))
      expect(isWitnessed).toBe(false)
      expect(told).toContain("saw another history of this log")
      expect(yield* found(rewritten)).toEqual(["fork 12"])
    })
  )

  it.live("keep a second log under the same key for other eyes", () =>
    Effect.gen(function* () {
      const log = yield* attacked
      const second = { ...log, filename: log.older }
      yield* goOn(second, named("for-others", 20))
      expect(yield* found(second)).toEqual(["fork 12"])
      // The first one goes on, and the witness with it.
      expect((yield* goOn(log, named("more", 2))).isWitnessed).toBe(true)
      expect(yield* found(log)).toEqual([])
    })
  )

  it.live("go on without the witness: what nobody vouches for is told, whatever the database says of its time", () =>
    Effect.gen(function* () {
      const log = yield* attacked
      const { policy, ...alone } = log
      yield* onLog(alone, write("unseen"))
      yield* unguarded(
        log.filename,
        (sql) => sql`UPDATE core_audit_checkpoints SET time = '2999-01-01T00:00:00.000Z' WHERE size = 13`
      )
      expect(yield* found({ ...alone, policy })).toEqual(["unwitnessed 13"])
      yield* unguarded(
        log.filename,
        (sql) => sql`UPDATE core_audit_checkpoints SET time = '2020-01-01T00:00:00.000Z' WHERE size = 13`
      )
      expect(yield* found({ ...alone, policy })).toEqual(["unwitnessed 13"])
    })
  )

  it.live("forge the witness's cosignature", () =>
    Effect.gen(function* () {
      const log = yield* attacked
      const { policy, ...alone } = log
      yield* onLog(alone, write("unseen"))
      yield* unguarded(log.filename, (sql) =>
        Effect.andThen(
          sql`INSERT INTO core_audit_cosignatures SELECT 13, witness, time, line FROM core_audit_cosignatures WHERE size = 12`,
          sql`UPDATE core_audit_checkpoints SET time = '2020-01-01T00:00:00.000Z' WHERE size = 13`
        )
      )
      expect(yield* found({ ...alone, policy })).toEqual(["unwitnessed 13"])
    })
  )

  it.live("hide entries behind a purge that is none: the witness saw a smaller log when they were said to be old", () =>
    Effect.gen(function* () {
      const log = yield* attacked
      const kept = yield* onLog(log, Effect.andThen(many(299), witnessed))
      yield* unguarded(log.filename, (sql) => sql`DELETE FROM core_audit_entries WHERE leaf_index < 256`)
      expect(yield* found(log)).toHaveLength(256)
      yield* onLog(log, Effect.andThen(forgedPurge("2020-01-01T00:00:00.000Z"), witnessed))
      expect(yield* found(log)).toEqual(["bad-purge 312"])

      // With what the database knew of the witness gone as well, a checkpoint that somebody kept says the same.
      yield* unguarded(log.filename, (sql) => sql`DELETE FROM core_audit_cosignatures WHERE size < 313`)
      expect(yield* found(log)).toEqual([])
      expect(yield* found(log, [log.early])).toEqual(["bad-purge 312"])
      expect(yield* found(log, [kept])).toEqual([])
    })
  )

  it.live("say of entries that are still there that they were too old", () =>
    Effect.gen(function* () {
      const log = yield* attacked
      yield* onLog(log, many(299))
      yield* unguarded(log.filename, (sql) => sql`DELETE FROM core_audit_entries WHERE leaf_index < 200`)
      yield* onLog(log, Effect.andThen(forgedPurge("2020-01-01T00:00:00.000Z"), witnessed))
      const { policy: _, ...alone } = log
      expect(yield* found(alone)).toEqual(["bad-purge 312"])
    })
  )
})
