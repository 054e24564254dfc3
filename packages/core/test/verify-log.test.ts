import { it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { signCheckpoint } from "../src/audit/checkpoint.ts"
import {
  AuditLog,
  auditLogLayer,
  coreMigrations,
  Database,
  ephemeralSigningKey,
  migrate,
  newId,
  OrganisationId,
  SystemActor,
  verifyLog
} from "../src/index.ts"

const origin = "log.test/fluxcybers"
const key = ephemeralSigningKey(origin)
const verifierKey = key.verifier.text
const organisation = Effect.runSync(newId(OrganisationId, "org"))
const ENTRIES = 600

const BATCH = 50

/** Fifty entries a transaction, each batch under a checkpoint of its own. */
const write = Effect.fnUntraced(function* (count: number) {
  const audit = yield* AuditLog
  const { transaction } = yield* Database
  const actor = new SystemActor({ component: "test" })
  const record = (index: number) =>
    audit.record({ organisation, actor, action: "thing.changed", object: `thing-${index}`, outcome: "success" })
  for (let begin = 0; begin < count; begin += BATCH) {
    const indices = Array.from({ length: Math.min(BATCH, count - begin) }, (_, offset) => begin + offset)
    const ids = yield* transaction(Effect.forEach(indices, record))
    yield* audit.awaitCheckpoint(ids[ids.length - 1]!)
  }
})

/** Whoever owns the database can take the guards away. */
const unguard = Effect.gen(function* () {
  const { sql, dialect } = yield* Database
  const triggers = yield* dialect === "sqlite"
    ? sql<{ name: string; on: string }>`SELECT name, tbl_name AS "on" FROM sqlite_schema WHERE type = 'trigger'`
    : sql<{ name: string; on: string }>`SELECT DISTINCT trigger_name::text AS name, event_object_table::text AS "on"
        FROM information_schema.triggers`
  const truncating = dialect === "sqlite" ? [] : ["core_audit_entries", "core_audit_checkpoints", "core_audit_tiles"]
  for (const { name, on } of triggers) {
    yield* sql.unsafe(dialect === "sqlite" ? `DROP TRIGGER ${name}` : `DROP TRIGGER ${name} ON ${on}`)
  }
  for (const table of truncating) yield* sql.unsafe(`ALTER TABLE ${table} DISABLE TRIGGER USER`)
})

const kinds = Effect.map(verifyLog({ verifierKey }), ({ problems }) =>
  problems.map(({ kind, index }) => `${kind} ${index}`)
)

const migrated = (database: Layer.Layer<Database>) =>
  Layer.effectDiscard(migrate("core", coreMigrations)).pipe(Layer.provideMerge(database))

describe.each(databases)("$name", ({ layer }) => {
  const tampered = <E>(name: string, change: Effect.Effect<unknown, E, Database>, expected: ReadonlyArray<string>) =>
    it.live(name, () =>
      Effect.gen(function* () {
        yield* Effect.provide(write(ENTRIES), auditLogLayer({ origin, key }))
        expect(yield* kinds).toEqual([])
        yield* unguard
        yield* change
        expect((yield* kinds).slice(0, expected.length)).toEqual(expected)
      }).pipe(Effect.provide(Layer.fresh(layer())))
    )

  const sql = (statement: string) => Effect.flatMap(Database, (database) => database.sql.unsafe(statement))
  const replaceLeaf = (index: number, from: string, to: string) =>
    Effect.gen(function* () {
      const database = yield* Database
      const [row] = yield* database.sql<{
        leaf: Uint8Array
      }>`SELECT leaf FROM core_audit_entries WHERE leaf_index = ${index}`
      const leaf = Buffer.from(Buffer.from(row!.leaf).toString().replace(from, to))
      yield* database.sql`UPDATE core_audit_entries SET leaf = ${leaf} WHERE leaf_index = ${index}`
    })

  it.live("a log that nobody touched has no problems, and says how large it is", () =>
    Effect.gen(function* () {
      yield* Effect.provide(write(ENTRIES), auditLogLayer({ origin, key }))
      expect(yield* verifyLog({ verifierKey })).toMatchObject({
        size: ENTRIES,
        pending: 0,
        problems: [],
        problemsOmitted: 0
      })
    }).pipe(Effect.provide(layer()))
  )

  it.live("a log that grows while it is verified has no problems either", () =>
    Effect.gen(function* () {
      const writing = yield* Effect.forkChild(Effect.provide(write(ENTRIES), auditLogLayer({ origin, key })))
      let report = yield* verifyLog({ verifierKey })
      while (report.size < ENTRIES) {
        expect(report.problems).toEqual([])
        report = yield* verifyLog({ verifierKey })
      }
      yield* Fiber.join(writing)
    }).pipe(Effect.provide(migrated(layer())))
  )

  tampered("a changed entry is invalid", replaceLeaf(300, "success", "failure"), ["invalid-entry 300"])
  tampered("a changed list column is invalid", sql("UPDATE core_audit_entries SET actor = 'x' WHERE leaf_index = 7"), [
    "invalid-entry 7"
  ])
  tampered("an entry that is not canonical JSON is invalid", replaceLeaf(12, "{", "{ "), ["invalid-entry 12"])
  tampered("a deleted entry is missing", sql("DELETE FROM core_audit_entries WHERE leaf_index = 299"), [
    "missing-entry 299"
  ])
  tampered(
    "two entries that changed places are moved",
    Effect.gen(function* () {
      yield* sql("UPDATE core_audit_entries SET leaf_index = 100000 WHERE leaf_index = 41")
      yield* sql("UPDATE core_audit_entries SET leaf_index = 41 WHERE leaf_index = 42")
      yield* sql("UPDATE core_audit_entries SET leaf_index = 42 WHERE leaf_index = 100000")
    }),
    ["moved 41", "moved 42"]
  )
  tampered(
    "entries that are gone together with their stored hashes are one gap",
    Effect.gen(function* () {
      yield* sql("DELETE FROM core_audit_tiles WHERE level = 0 AND tile_index = 1")
      yield* sql("DELETE FROM core_audit_entries WHERE leaf_index >= 256 AND leaf_index < 300")
    }),
    ["gap 256"]
  )
  tampered(
    "two histories under the log's own key are a fork",
    Effect.gen(function* () {
      const note = signCheckpoint({ size: 100, root: new Uint8Array(32) }, key)
      yield* sql(`UPDATE core_audit_checkpoints SET note = '${note}' WHERE size = 100`)
    }),
    ["fork 100"]
  )
  tampered("an entry beside ASCII is read the long way", replaceLeaf(9, "thing-9", "thing-é"), ["invalid-entry 9"])
  tampered("a cut tail is truncated", sql("DELETE FROM core_audit_entries WHERE leaf_index >= 590"), ["truncated 590"])
  tampered("a log without any checkpoint is truncated", sql("DELETE FROM core_audit_checkpoints"), ["truncated 0"])
  tampered(
    "a changed tile is invalid",
    Effect.gen(function* () {
      const database = yield* Database
      const [row] = yield* database.sql<{ hashes: Uint8Array }>`SELECT hashes FROM core_audit_tiles
        WHERE level = 0 AND tile_index = 1`
      const hashes = Buffer.from(row!.hashes)
      hashes[5 * 32]! ^= 1
      yield* database.sql`UPDATE core_audit_tiles SET hashes = ${hashes} WHERE level = 0 AND tile_index = 1`
    }),
    ["invalid-tile 261"]
  )
  tampered("a removed tile is told", sql("DELETE FROM core_audit_tiles WHERE level = 1"), ["invalid-tile 0"])
  tampered(
    "a log that was rewritten with another key is not the log's",
    Effect.gen(function* () {
      for (const table of ["core_audit_entries", "core_audit_tiles", "core_audit_checkpoints"]) {
        yield* sql(`DELETE FROM ${table}`)
      }
      yield* Effect.provide(write(3), auditLogLayer({ origin, key: ephemeralSigningKey(origin) }))
    }),
    ["bad-signature 0"]
  )
  tampered(
    "an entry that was changed together with its stored hash does not fit the signed roots",
    Effect.gen(function* () {
      yield* replaceLeaf(20, "success", "failure")
      const database = yield* Database
      const [row] = yield* database.sql<{ leaf: Uint8Array }>`SELECT leaf FROM core_audit_entries WHERE leaf_index = 20`
      const [tile] = yield* database.sql<{ hashes: Uint8Array }>`SELECT hashes FROM core_audit_tiles
        WHERE level = 0 AND tile_index = 0`
      const { leafHash } = yield* Effect.promise(() => import("../src/audit/tree-hash.ts"))
      const hashes = Buffer.from(tile!.hashes)
      hashes.set(leafHash(row!.leaf), 20 * 32)
      yield* database.sql`UPDATE core_audit_tiles SET hashes = ${hashes} WHERE level = 0 AND tile_index = 0`
    }),
    ["wrong-root 50"]
  )
})
