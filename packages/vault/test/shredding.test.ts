import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { it } from "@effect/vitest"
import {
  AuditLog,
  auditLogLayer,
  coreMigrations,
  Database,
  ephemeralSigningKey,
  migrate,
  SubjectCipher
} from "@fluxcybers/core"
import { Effect, Layer, Option, Schedule } from "effect"
import { TestClock } from "effect/testing"
import { describe, expect } from "vitest"
import { databases, type Location } from "../../../repo/testing/databases.ts"
import {
  BlindIndex,
  ErasureJournal,
  erasureJournalFileLayer,
  Keyring,
  rootKeyFileLayer,
  Shredding,
  vaultLayer,
  vaultMigrations
} from "../src/index.ts"
import { ACME, ALICE, databaseAt, OTHER, temporaryFolder } from "./vault-testing.ts"

const LOG = ephemeralSigningKey("test.example/vault")
const subject = "person_x"
const place = { organisation: ACME, table: "people", column: "name", row: "1", subject }
const mail = { organisation: ACME, table: "people", column: "mail", field: "email" } as const
const request = { organisation: ACME, subject, actor: ALICE }

const vaultAt = (folder: string, location: Location, journal = "erasures") =>
  vaultLayer.pipe(
    Layer.provideMerge(auditLogLayer({ origin: "test.example/vault", key: LOG })),
    Layer.provideMerge(rootKeyFileLayer({ path: join(folder, "root.key"), createIfMissing: true })),
    Layer.provideMerge(erasureJournalFileLayer({ path: join(folder, journal) })),
    Layer.provideMerge(databaseAt(location))
  )

const keyRows = Effect.gen(function* () {
  const { sql } = yield* Database
  return yield* sql<{ state: string; wrapped: Uint8Array | null }>`SELECT state, wrapped FROM vault_keys
    WHERE scope_kind = 'subject' AND organisation = ${ACME} AND subject = ${subject}`
})

describe.each(databases)("shredding on $name", ({ fresh }) => {
  const vault = Effect.gen(function* () {
    const folder = yield* temporaryFolder
    return { folder, location: yield* fresh }
  })

  it.effect(
    "destroys one subject's keys and tokens and nothing of anybody else, with intent and receipt in the log",
    () =>
      Effect.gen(function* () {
        const { folder, location } = yield* vault
        yield* Effect.gen(function* () {
          const [cipher, index, shredding, log] = [
            yield* SubjectCipher,
            yield* BlindIndex,
            yield* Shredding,
            yield* AuditLog
          ]
          const others = [
            { ...place, subject: "person_y" },
            { ...place, organisation: OTHER }
          ]
          const sealed = yield* cipher.seal(place, Buffer.from("Ada"))
          const kept = yield* Effect.forEach(others, (at) => cipher.seal(at, Buffer.from("Grace")))
          yield* index.put({ ...mail, row: "1", subject }, "ada@example.com")
          yield* index.put({ ...mail, row: "2", subject: "person_y" }, "ada@example.com")
          const receipt = yield* shredding.shred(request)
          expect(receipt).toMatchObject({ subject, tokens: 1, keyIds: [expect.stringMatching(/^[0-9a-f]{24}$/)] })
          expect(yield* Effect.flip(cipher.open(place, sealed))).toMatchObject({ reason: "key-destroyed" })
          for (const [i, at] of others.entries()) yield* cipher.open(at, kept[i]!)
          expect(yield* index.find(mail, "ada@example.com")).toEqual(["2"])
          expect(yield* keyRows).toMatchObject([{ state: "destroyed", wrapped: null }])
          expect(yield* shredding.shred(request)).toEqual(receipt)
          expect(yield* shredding.receipt(request)).toEqual(Option.some(receipt))
          const entries = yield* log.list({ organisation: ACME, object: receipt.id })
          expect(entries.map(({ entry }) => [entry.action, entry.outcome, entry.facts])).toEqual([
            ["subject.shredded", "success", { keys: 1, tokens: 1 }],
            ["subject.shredded", "intent", {}]
          ])
          expect(JSON.stringify(entries)).not.toContain(subject)
        }).pipe(Effect.provide(vaultAt(folder, location)))
      })
  )

  it.effect("a shredded pseudonym never has a key again, whether it had one or not", () =>
    Effect.gen(function* () {
      const { folder, location } = yield* vault
      yield* Effect.gen(function* () {
        const [keyring, shredding] = [yield* Keyring, yield* Shredding]
        for (const one of ["person_never", subject]) {
          const scope = { kind: "subject", organisation: ACME, subject: one } as const
          if (one === subject) yield* keyring.current(scope)
          yield* shredding.shred({ ...request, subject: one })
          expect(yield* Effect.flip(keyring.current(scope))).toMatchObject({ reason: "destroyed" })
        }
      }).pipe(Effect.provide(vaultAt(folder, location)))
    })
  )

  it.effect("without a journal nothing is begun, and a pseudonym that is none is refused", () =>
    Effect.gen(function* () {
      const { folder, location } = yield* vault
      const bare = vaultLayer.pipe(
        Layer.provideMerge(auditLogLayer({ origin: "test.example/vault", key: LOG })),
        Layer.provideMerge(rootKeyFileLayer({ path: join(folder, "root.key"), createIfMissing: true })),
        Layer.provideMerge(databaseAt(location))
      )
      const refusal = Effect.flatMap(Shredding, (shredding) => Effect.flip(shredding.shred(request)))
      expect(yield* Effect.provide(refusal, bare, { local: true })).toMatchObject({ reason: "no-journal" })
      yield* Effect.gen(function* () {
        const shredding = yield* Shredding
        for (const wrong of ["", "x".repeat(1_025), "\ud800"]) {
          const error = yield* Effect.flip(shredding.shred({ ...request, subject: wrong }))
          expect(error).toMatchObject({ reason: "invalid-subject" })
        }
        expect(yield* (yield* Database).sql`SELECT id FROM vault_shreddings`).toEqual([])
      }).pipe(Effect.provide(vaultAt(folder, location)))
    })
  )

  it.effect("another node notices within a second, and writes it into its own journal", () =>
    Effect.gen(function* () {
      const { folder, location } = yield* vault
      const [here, there] = [
        yield* Layer.build(Layer.fresh(vaultAt(folder, location, "here"))),
        yield* Layer.build(Layer.fresh(vaultAt(folder, location, "there")))
      ]
      const sealed = yield* Effect.provide(
        Effect.flatMap(SubjectCipher, (cipher) => cipher.seal(place, Buffer.from("Ada"))),
        there
      )
      const open = Effect.provide(
        Effect.flatMap(SubjectCipher, (cipher) => cipher.open(place, sealed)),
        there
      )
      yield* Effect.provide(
        Effect.flatMap(Shredding, (shredding) => shredding.shred(request)),
        here
      )
      yield* open
      yield* TestClock.adjust("1 second")
      const entries = Effect.provide(
        Effect.flatMap(ErasureJournal, (journal) => journal.entries),
        there
      )
      const noticed = Effect.filterOrFail(entries, (found) => found.length === 1)
      yield* TestClock.withLive(Effect.retry(noticed, { times: 50, schedule: Schedule.spaced("50 millis") }))
      expect(yield* Effect.flip(open)).toMatchObject({ reason: "key-destroyed" })
    })
  )

  it.effect("a running node forgets every key when an older copy of the database is put back behind it", () =>
    Effect.gen(function* () {
      const { folder, location } = yield* vault
      yield* Effect.gen(function* () {
        const { sql } = yield* Database
        const cipher = yield* SubjectCipher
        const kept = { ...place, subject: "person_y" }
        const sealed = yield* cipher.seal(kept, Buffer.from("Grace"))
        yield* (yield* Shredding).shred(request)
        yield* TestClock.adjust("1 second")
        yield* cipher.open(kept, sealed)
        yield* sql`DELETE FROM vault_shreddings`
        yield* sql`DELETE FROM vault_keys WHERE subject = 'person_y'`
        yield* TestClock.adjust("1 second")
        const forgotten = Effect.flip(cipher.open(kept, sealed))
        yield* TestClock.withLive(Effect.retry(forgotten, { times: 50, schedule: Schedule.spaced("50 millis") }))
      }).pipe(Effect.provide(vaultAt(folder, location)))
    })
  )

  it.effect("an older copy of the database serves nothing that was erased since", () =>
    Effect.gen(function* () {
      const { folder, location } = yield* vault
      const before = yield* Effect.gen(function* () {
        const sealed = yield* (yield* SubjectCipher).seal(place, Buffer.from("Ada"))
        yield* (yield* BlindIndex).put({ ...mail, row: "1", subject }, "ada@example.com")
        yield* recordAbout
        expect(yield* aliases).toHaveLength(2)
        const copied = yield* copy
        yield* (yield* Shredding).shred(request)
        expect(yield* aliases).toEqual([expect.objectContaining({ text: ALICE.person })])
        return { sealed, copied }
      }).pipe(Effect.provide(vaultAt(folder, location), { local: true }))
      const older = yield* fresh
      yield* Effect.provide(restore(before.copied), databaseAt(older), { local: true })
      yield* Effect.gen(function* () {
        expect(yield* keyRows).toMatchObject([{ state: "destroyed", wrapped: null }])
        const cipher = yield* SubjectCipher
        expect(yield* Effect.flip(cipher.open(place, before.sealed))).toMatchObject({ reason: "key-destroyed" })
        expect(yield* (yield* BlindIndex).find(mail, "ada@example.com")).toEqual([])
        expect(yield* aliases).toEqual([expect.objectContaining({ text: ALICE.person })])
        const receipt = Option.getOrThrow(yield* (yield* Shredding).receipt(request))
        expect(receipt.keyIds.length).toBe(1)
        expect(yield* Effect.flip(cipher.open(place, before.sealed))).toMatchObject({ reason: "key-destroyed" })
      }).pipe(Effect.provide(vaultAt(folder, older), { local: true }))
    })
  )

  it.effect("a damaged journal keeps the vault from starting", () =>
    Effect.gen(function* () {
      const { folder, location } = yield* vault
      const start = Effect.provide(Shredding, vaultAt(folder, location), { local: true })
      const shred = Effect.flatMap(Shredding, (shredding) => shredding.shred(request))
      yield* Effect.provide(shred, vaultAt(folder, location), { local: true })
      const file = join(folder, "erasures")
      writeFileSync(file, readFileSync(file, "utf8").replace(subject, "person_z"))
      expect(yield* Effect.flip(start)).toMatchObject({ _tag: "ErasureJournalFailed", reason: "damaged" })
    })
  )

  it.effect("leaves no byte of the wrapped key, nor of what an alias stood for, in the files of SQLite", () =>
    Effect.gen(function* () {
      const { folder, location } = yield* vault
      if (!("sqlite" in location)) return
      yield* Effect.gen(function* () {
        yield* (yield* SubjectCipher).seal(place, Buffer.from("Ada"))
        const [row] = yield* keyRows
        const wrapped = Buffer.from(row!.wrapped!)
        yield* recordAbout
        const files = () => ["", "-wal"].map((suffix) => readFileSync(location.sqlite + suffix))
        expect(files().some((bytes) => bytes.includes(wrapped.subarray(40)))).toBe(true)
        expect(files().some((bytes) => bytes.includes("Ada"))).toBe(true)
        yield* (yield* Shredding).shred(request)
        expect(files().some((bytes) => bytes.includes(wrapped.subarray(40, 72)))).toBe(false)
        expect(files().some((bytes) => bytes.includes("Ada"))).toBe(false)
      }).pipe(Effect.provide(vaultAt(folder, location)))
    })
  )
})

const aliases = Effect.flatMap(Database, ({ sql }) => sql<{ text: string }>`SELECT text FROM core_audit_aliases`)

const recordAbout = Effect.gen(function* () {
  const event = {
    organisation: ACME,
    actor: ALICE,
    action: "person.greeted",
    object: "greeting",
    outcome: "success"
  } as const
  yield* (yield* AuditLog).record({ ...event, personal: { subject, facts: { nickname: "Ada" } } })
})

const TABLES = ["vault_keys", "vault_blind_index", "vault_shreddings", "core_audit_aliases"] as const

/** What a backup of the vault would hold. */
const copy = Effect.gen(function* () {
  const { sql } = yield* Database
  return yield* Effect.forEach(TABLES, (table) => sql<Record<string, unknown>>`SELECT * FROM ${sql(table)}`)
})

const restore = (copied: Effect.Success<typeof copy>) =>
  Effect.gen(function* () {
    yield* migrate("vault", vaultMigrations)
    yield* migrate("core", coreMigrations)
    const { sql } = yield* Database
    for (const [i, table] of TABLES.entries()) {
      for (const row of copied[i]!) yield* sql`INSERT INTO ${sql(table)} ${sql.insert(row)}`
    }
  })
