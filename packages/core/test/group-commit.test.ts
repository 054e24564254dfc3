import { it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import {
  AuditLog,
  auditLogLayer,
  Database,
  ephemeralSigningKey,
  newId,
  OrganisationId,
  SystemActor,
  verifyLog
} from "../src/index.ts"

const origin = "log.test/group"
const key = ephemeralSigningKey(origin)
const organisation = Effect.runSync(newId(OrganisationId, "org"))
const actor = new SystemActor({ component: "test" })

const record = Effect.fnUntraced(function* (object: string) {
  const log = yield* AuditLog
  return yield* log.record({ organisation, actor, action: "thing.changed", object, outcome: "success" })
})
const recordMany = (count: number) =>
  Effect.forEach(
    Array.from({ length: count }, (_, index) => `thing-${index}`),
    record,
    { concurrency: "unbounded" }
  )
const checkpoints = Effect.gen(function* () {
  const rows = yield* (yield* Database).sql<{
    size: number | bigint
  }>`SELECT size FROM core_audit_checkpoints ORDER BY size`
  return rows.map(({ size }) => Number(size))
})

describe.each(databases)("$name", ({ layer }) => {
  const log = () => auditLogLayer({ origin, key }).pipe(Layer.provideMerge(layer()))

  it.live("entries of many writers share their commits, and each writer gets the id of its own", () =>
    Effect.gen(function* () {
      const ids = yield* recordMany(300)
      yield* (yield* AuditLog).awaitCheckpoint(ids[299]!)
      const listed = yield* (yield* AuditLog).list({ organisation, limit: 1_000 })
      const objects = new Map(listed.map(({ entry }) => [entry.id, entry.object]))
      expect(ids.map((id) => objects.get(id))).toEqual(ids.map((_, index) => `thing-${index}`))
      expect((yield* checkpoints).length).toBeLessThan(20)
      expect((yield* verifyLog({ verifierKey: key.verifier.text })).problems).toEqual([])
    }).pipe(Effect.provide(log()))
  )

  it.live("entries within and without transactions make one log without a hole", () =>
    Effect.gen(function* () {
      const { transaction } = yield* Database
      const ids = yield* Effect.forEach(
        Array.from({ length: 60 }, (_, index) => index),
        (index) => (index % 3 === 0 ? transaction(record(`thing-${index}`)) : record(`thing-${index}`)),
        { concurrency: 7 }
      )
      yield* Effect.forEach(ids, (id) => Effect.flatMap(AuditLog, (log) => log.awaitCheckpoint(id)), { discard: true })
      const report = yield* verifyLog({ verifierKey: key.verifier.text })
      expect(report).toMatchObject({ size: 60, pending: 0, problems: [] })
    }).pipe(Effect.provide(log()))
  )
})

describe.each(databases.filter(({ name }) => name === "SQLite"))("$name", ({ layer }) => {
  const log = () => auditLogLayer({ origin, key }).pipe(Layer.provideMerge(layer()))

  it.live("an entry's commit holds its checkpoint", () =>
    Effect.gen(function* () {
      for (let size = 1; size < 6; size++) {
        yield* record("next")
        expect((yield* checkpoints).at(-1)).toBe(size)
      }
    }).pipe(Effect.provide(log()))
  )

  it.live("a commit takes along what waits before it, also in a log that was opened again", () =>
    Effect.gen(function* () {
      const { transaction } = yield* Database
      const database = Layer.succeed(Database, yield* Database)
      const opened = auditLogLayer({ origin, key }).pipe(Layer.provideMerge(database))
      yield* Effect.provide(transaction(recordMany(50)), opened)
      yield* Effect.gen(function* () {
        yield* transaction(recordMany(70))
        yield* record("behind them")
        expect((yield* checkpoints).at(-1)).toBe(121)
      }).pipe(Effect.provide(opened))
    }).pipe(Effect.provide(layer()))
  )

  it.live("a backlog of any size shrinks with every commit, and nobody waits for the sequencer", () =>
    Effect.gen(function* () {
      const { transaction } = yield* Database
      yield* transaction(recordMany(2_500))
      for (let commits = 0; commits < 4; commits++) yield* record("behind them")
      expect((yield* checkpoints).at(-1)).toBe(2_504)
      expect((yield* verifyLog({ verifierKey: key.verifier.text })).problems).toEqual([])
    }).pipe(Effect.provide(log()))
  )

  it.live("a tree that somebody altered does not keep entries from being written", () =>
    Effect.gen(function* () {
      const { sql } = yield* Database
      yield* record("first")
      yield* record("second")
      yield* sql`DROP TRIGGER core_audit_tiles_update`
      yield* sql`CREATE TRIGGER broken BEFORE INSERT ON core_audit_tiles BEGIN SELECT RAISE(ABORT, 'broken'); END`
      const id = yield* record("third")
      const [listed] = yield* (yield* AuditLog).list({ organisation, limit: 1 })
      expect(listed).toMatchObject({ entry: { id, object: "third" } })
      expect(listed?.index).toBeUndefined()
      yield* sql`DROP TRIGGER broken`
      yield* (yield* AuditLog).awaitCheckpoint(id)
    }).pipe(Effect.provide(log()))
  )
})
