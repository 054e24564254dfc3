import { it } from "@effect/vitest"
import { DateTime, Effect, Layer, Result } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import {
  AuditLog,
  AuditRetention,
  auditLogLayer,
  auditRetentionLayer,
  Database,
  ephemeralSigningKey,
  newId,
  OrganisationId,
  SystemActor,
  verifyLog,
  verifyProof
} from "../src/index.ts"

const origin = "log.test/retention"
const key = ephemeralSigningKey(origin)
const [organisation, other] = [
  Effect.runSync(newId(OrganisationId, "org")),
  Effect.runSync(newId(OrganisationId, "org"))
]
const actor = new SystemActor({ component: "test" })
const LATER = DateTime.makeUnsafe("2999-01-01T00:00:00Z")
const everything = { before: LATER, organisation, actor }
const CANARY = "canary-7f3a"

const fill = Effect.gen(function* () {
  const log = yield* AuditLog
  const ids = yield* Effect.forEach(
    Array.from({ length: 600 }, (_, index) => index),
    (index) =>
      log.record({
        organisation: index % 100 === 7 ? other : organisation,
        actor,
        action: "thing.changed",
        object: index === 3 ? "held" : `thing-${index}`,
        outcome: "success",
        facts: { note: CANARY }
      }),
    { concurrency: "unbounded" }
  )
  yield* log.awaitCheckpoint(ids[599]!)
  return ids
})
const verified = verifyLog({ verifierKey: key.verifier.text })
const countBelow = Effect.fnUntraced(function* (end: number) {
  const [row] = yield* (yield* Database).sql<{
    n: unknown
  }>`SELECT count(*) AS n FROM core_audit_entries WHERE leaf_index < ${end}`
  return Number(row?.n)
})

describe.each(databases)("$name", ({ layer }) => {
  const log = () =>
    auditRetentionLayer.pipe(Layer.provideMerge(auditLogLayer({ origin, key })), Layer.provideMerge(layer()))

  it.live("purged entries are gone, and every proof from before still verifies, and so does the log", () =>
    Effect.gen(function* () {
      const audit = yield* AuditLog
      const retention = yield* AuditRetention
      const ids = yield* fill
      const [leaf] = yield* (yield* Database).sql<{
        leaf: Uint8Array
      }>`SELECT leaf FROM core_audit_entries WHERE id = ${ids[5]!}`
      const proof = yield* audit.prove(ids[5]!)
      const report = yield* retention.purge(everything)
      expect(report).toEqual({ end: 512, entries: 512, held: 0 })
      expect(yield* countBelow(512)).toBe(0)
      expect(Result.isSuccess(verifyProof({ proof, leaf: leaf!.leaf, log: key.verifier }))).toBe(true)
      expect((yield* audit.proveConsistency({ first: 100, second: 600 })).length).toBeGreaterThan(0)
      expect(yield* verified).toMatchObject({ problems: [], purged: 512 })
      expect((yield* Effect.flip(audit.resource("tile/entries/000"))).path).toBe("tile/entries/000")
      expect((yield* audit.resource("tile/0/000")).bytes.length).toBe(8_192)
    }).pipe(Effect.provide(log()))
  )

  it.live("a purge is in the log before anything goes, and says afterwards what went", () =>
    Effect.gen(function* () {
      yield* fill
      yield* (yield* AuditRetention).purge(everything)
      const purges = yield* (yield* AuditLog).list({ organisation, action: "audit-log.purged" })
      expect(purges.map(({ entry }) => [entry.outcome, entry.facts["end"], entry.facts["entries"]])).toEqual([
        ["success", 512, 512],
        ["intent", 512, undefined]
      ])
    }).pipe(Effect.provide(log()))
  )

  it.live("what a hold keeps stays until it is released, and then goes with the next purge", () =>
    Effect.gen(function* () {
      const retention = yield* AuditRetention
      yield* fill
      const hold = yield* retention.hold({ organisation, object: "held", ground: "claim-1", actor })
      yield* retention.hold({ organisation: other, ground: "tax-law", until: LATER, actor })
      expect(yield* retention.plan(everything)).toEqual({ end: 512, entries: 505, held: 7 })
      yield* retention.purge(everything)
      expect(yield* countBelow(512)).toBe(7)
      expect(yield* verified).toMatchObject({ problems: [], purged: 505 })
      expect(yield* retention.release({ id: hold, organisation: other, actor })).toBe(false)
      expect(yield* retention.release({ id: hold, organisation, actor })).toBe(true)
      expect(yield* retention.purge(everything)).toEqual({ end: 512, entries: 1, held: 6 })
      expect(yield* verified).toMatchObject({ problems: [], purged: 506 })
    }).pipe(Effect.provide(log()))
  )

  it.live(
    "a hold ends with its release in the log, and not before it ends or changes otherwise; slot secrets stay",
    () =>
      Effect.gen(function* () {
        const { sql } = yield* Database
        const retention = yield* AuditRetention
        const id = yield* retention.hold({ organisation, object: "held", ground: "claim-1", actor })
        yield* sql`INSERT INTO core_audit_subjects ${sql.insert({ org: organisation, subject: "mara", secret: Buffer.from("1") })}`
        expect(yield* retention.holds(organisation)).toMatchObject([{ id, object: "held", ground: "claim-1" }])
        expect(yield* retention.holds(other)).toEqual([])
        for (const statement of [
          sql`DELETE FROM core_audit_holds`,
          sql`UPDATE core_audit_holds SET until = '2000-01-01T00:00:00.000Z'`,
          sql`DELETE FROM core_audit_subjects`,
          sql`UPDATE core_audit_subjects SET subject = 'noor'`
        ]) {
          expect((yield* Effect.exit(statement))._tag).toBe("Failure")
        }
        yield* sql`UPDATE core_audit_subjects SET secret = ${Buffer.from("2")}`
        expect(yield* retention.release({ id, organisation, actor })).toBe(true)
        expect(yield* retention.holds(organisation)).toEqual([])
      }).pipe(Effect.provide(log()))
  )

  it.live("what is missing beyond a purge is still missing, and nothing else can be deleted", () =>
    Effect.gen(function* () {
      const { sql, dialect } = yield* Database
      yield* fill
      const refused = (statement: Effect.Effect<unknown, unknown>) =>
        Effect.map(Effect.exit(statement), (exit) => exit._tag)
      expect(yield* refused(sql`DELETE FROM core_audit_entries WHERE leaf_index = 1`)).toBe("Failure")
      expect(yield* refused(sql`INSERT INTO core_audit_purges (entry, end_index) VALUES ('x', 512)`)).toBe("Failure")
      yield* (yield* AuditRetention).purge(everything)
      expect(yield* refused(sql`DELETE FROM core_audit_entries WHERE leaf_index = 520`)).toBe("Failure")
      yield* dialect === "sqlite"
        ? sql`DROP TRIGGER core_audit_entries_delete`
        : sql`DROP TRIGGER core_audit_entries_kept ON core_audit_entries`
      yield* sql`DELETE FROM core_audit_entries WHERE leaf_index = 520`
      expect((yield* verified).problems.map(({ kind, index }) => [kind, index])).toEqual([["missing-entry", 520]])
    }).pipe(Effect.provide(log()))
  )

  it.live("a purge that was cut off goes on with the next one", () =>
    Effect.gen(function* () {
      const { sql } = yield* Database
      const retention = yield* AuditRetention
      const audit = yield* AuditLog
      yield* fill
      const facts = { end: 512, before: DateTime.formatIso(LATER) }
      const event = { organisation, actor, action: "audit-log.purged", object: "audit-log", facts }
      const intent = yield* audit.record({ ...event, outcome: "intent" })
      yield* audit.awaitCheckpoint(intent)
      yield* sql`INSERT INTO core_audit_purges (entry, end_index) VALUES (${intent}, 512)`
      yield* sql`DELETE FROM core_audit_entries WHERE leaf_index < 100`
      expect(yield* verified).toMatchObject({ problems: [], purged: 100 })
      expect((yield* retention.purge(everything)).entries).toBe(412)
      expect(yield* verified).toMatchObject({ problems: [], purged: 512 })
    }).pipe(Effect.provide(log()))
  )
})
