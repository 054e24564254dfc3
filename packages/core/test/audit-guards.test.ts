import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { Cause, Effect, Exit, Layer } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { SqliteConnection, sqliteLayer } from "../src/database/sqlite.ts"
import {
  AuditLog,
  auditLogLayer,
  Database,
  ephemeralSigningKey,
  newId,
  OrganisationId,
  StorageFailure,
  SystemActor,
  verifyLog
} from "../src/index.ts"

const key = ephemeralSigningKey("log.test/guards")
const organisation = Effect.runSync(newId(OrganisationId, "org"))
const open = auditLogLayer({ origin: key.name, key })

/** A log of so many entries under checkpoints. */
const write = Effect.fnUntraced(function* (count: number) {
  const audit = yield* AuditLog
  const { transaction } = yield* Database
  const actor = new SystemActor({ component: "test" })
  const event = (index: number) =>
    ({ organisation, actor, action: "thing.changed", object: `thing-${index}`, outcome: "success" }) as const
  const ids = yield* transaction(
    Effect.forEach(
      Array.from({ length: count }, (_, i) => event(i)),
      audit.record
    )
  )
  yield* audit.awaitCheckpoint(ids[count - 1]!)
})

const COLUMNS = "org, actor, action, object, time, leaf"
const CHANGES = [
  "UPDATE core_audit_entries SET actor = 'x' WHERE leaf_index = 0",
  "DELETE FROM core_audit_entries WHERE leaf_index = 0",
  "UPDATE core_audit_checkpoints SET note = 'x'",
  "DELETE FROM core_audit_checkpoints",
  "DELETE FROM core_audit_tiles",
  "UPDATE core_audit_tiles SET tile_index = 7",
  "UPDATE core_audit_tiles SET hashes = substr(hashes, 1, 32)",
  "UPDATE core_audit_tiles SET hashes = substr(hashes, 33, 32)"
]
const CHANGES_OF_SQLITE = [
  `INSERT OR REPLACE INTO core_audit_entries (leaf_index, id, ${COLUMNS}) SELECT leaf_index, 'x', ${COLUMNS} FROM core_audit_entries`,
  "INSERT OR REPLACE INTO core_audit_checkpoints (size, time, note) SELECT size, time, 'x' FROM core_audit_checkpoints"
]
const CHANGES_OF_POSTGRES = [
  "TRUNCATE core_audit_entries",
  "TRUNCATE core_audit_checkpoints",
  "TRUNCATE core_audit_tiles",
  "TRUNCATE core_audit_pending"
]

describe.each(databases)("$name", ({ name, layer }) => {
  const changes = [...CHANGES, ...(name === "SQLite" ? CHANGES_OF_SQLITE : CHANGES_OF_POSTGRES)]

  it.effect("the log's tables take nothing back", () =>
    Effect.gen(function* () {
      yield* write(3)
      const { sql } = yield* Database
      for (const change of changes) {
        const error = yield* Effect.flip(sql.unsafe(change))
        expect(String(error.reason.cause), change).toContain("append-only")
      }
      expect((yield* verifyLog({ verifierKey: key.verifier.text })).problems).toEqual([])
    }).pipe(Effect.provide(open.pipe(Layer.provideMerge(layer()))))
  )

  it.effect("an entry that waits for the sequencer cannot be taken back either", () =>
    Effect.gen(function* () {
      const { sql, transaction } = yield* Database
      const audit = yield* AuditLog
      const table = name === "SQLite" ? "core_audit_entries" : "core_audit_pending"
      const actor = new SystemActor({ component: "test" })
      const within = Effect.andThen(
        audit.record({ organisation, actor, action: "thing.changed", object: "a", outcome: "success" }),
        Effect.flip(sql.unsafe(`DELETE FROM ${table}`))
      )
      // PostgreSQL ends a transaction in which a statement failed.
      const exit = yield* Effect.exit(transaction(within))
      if (Exit.isSuccess(exit)) expect(String(exit.value.reason.cause)).toContain("append-only")
      else expect(Cause.squash(exit.cause)).toBeInstanceOf(StorageFailure)
    }).pipe(Effect.provide(open.pipe(Layer.provideMerge(layer()))))
  )

  it.effect("a log is refused with another key, and with a key of another name", () =>
    Effect.gen(function* () {
      yield* Effect.provide(write(1), open)
      const other = ephemeralSigningKey(key.name)
      for (const options of [
        { origin: key.name, key: other },
        { origin: "log.test/other", key }
      ]) {
        const error = yield* Effect.flip(Effect.provide(Effect.void, Layer.fresh(auditLogLayer(options))))
        expect(error).toMatchObject({ _tag: "WrongLogKey" })
      }
      expect((yield* verifyLog({ verifierKey: key.verifier.text })).problems).toEqual([])
    }).pipe(Effect.provide(layer()))
  )
})

describe("a copy of a SQLite database, opened read-only", () => {
  const copyOf = (count: number) =>
    Effect.gen(function* () {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "fluxcybers-copy-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
      )
      const original = sqliteLayer({ filename: join(folder, "log.db") })
      yield* Effect.gen(function* () {
        yield* write(count)
        yield* (yield* SqliteConnection).backup(join(folder, "copy.db"))
      }).pipe(Effect.provide(open.pipe(Layer.provideMerge(original))))
      return join(folder, "copy.db")
    })
  const verified = (filename: string) =>
    verifyLog({ verifierKey: key.verifier.text }).pipe(
      Effect.provide(Layer.fresh(sqliteLayer({ filename, readonly: true })))
    )
  const overwrite = (filename: string, bytes: Uint8Array, position: number) => {
    const file = openSync(filename, "r+")
    writeSync(file, bytes, 0, bytes.length, position)
    closeSync(file)
  }

  it.live("verifies, and one changed byte of an entry is found", () =>
    Effect.gen(function* () {
      const copy = yield* copyOf(20)
      expect(yield* verified(copy)).toMatchObject({ size: 20, problems: [] })
      const position = readFileSync(copy).indexOf('"object":"thing-7"') + '"object":"'.length
      overwrite(copy, Buffer.from("T"), position)
      expect((yield* verified(copy)).problems).toMatchObject([{ kind: "invalid-entry", index: 7 }])
    }).pipe(Effect.scoped)
  )

  it.live("with a damaged page ends as a storage failure that says what to do", () =>
    Effect.gen(function* () {
      const copy = yield* copyOf(200)
      const pageSize = readFileSync(copy).readUInt16BE(16)
      const page = Math.floor(readFileSync(copy).indexOf('"object":"thing-150"') / pageSize)
      overwrite(copy, new Uint8Array(pageSize).fill(0xff), page * pageSize)
      const exit = yield* Effect.exit(verified(copy))
      const failure = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
      expect(failure).toBeInstanceOf(StorageFailure)
      expect(failure).toMatchObject({ reason: "corrupted" })
      expect(String(failure)).toContain("restore the latest backup")
    }).pipe(Effect.scoped)
  )
})
