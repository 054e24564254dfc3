import { join } from "node:path"
import { it } from "@effect/vitest"
import { Database, SubjectCipher } from "@fluxcybers/core"
import BetterSqlite3 from "better-sqlite3"
import { Effect, Exit, Layer } from "effect"
import { TestClock } from "effect/testing"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import {
  Keyring,
  KeyStore,
  keyringLayer,
  keysLayer,
  memoryKeyStore,
  RootKey,
  rootKeyFileLayer,
  subjectCipherLayer
} from "../src/index.ts"
import { cipherOn, keysIn } from "./guides/key-storage.ts"
import { ACME, databaseAt, freshRootKey, OTHER, temporaryFolder } from "./vault-testing.ts"

const organisation = { kind: "organisation", organisation: ACME } as const
const subject = { kind: "subject", organisation: ACME, subject: "person_x" } as const
const place = { organisation: ACME, table: "members", column: "name", row: "1" }
const value = Buffer.from("value")

const inMemory = subjectCipherLayer.pipe(
  Layer.provideMerge(keyringLayer()),
  Layer.provideMerge(memoryKeyStore),
  Layer.provideMerge(freshRootKey)
)

/** What somebody who embeds the vault brings: the code of docs/how-to/bring-your-own-key-storage.md. */
const ownStore = Layer.unwrap(Effect.map(temporaryFolder, (folder) => keysIn(join(folder, "own.db"))))
const inOwnStore = subjectCipherLayer.pipe(
  Layer.provideMerge(keyringLayer()),
  Layer.provideMerge(Layer.fresh(ownStore)),
  Layer.provideMerge(freshRootKey)
)

const stores = [
  { name: "in memory", layer: () => inMemory },
  { name: "in storage of one's own", layer: () => inOwnStore },
  ...databases.map(({ name, layer }) => ({
    name,
    layer: () => keysLayer.pipe(Layer.provideMerge(freshRootKey), Layer.provide(layer()))
  }))
]

describe.each(stores)("keyring $name", ({ layer }) => {
  it.effect("makes the key of a scope once, another for each scope, and finds it by id in its scope only", () =>
    Effect.gen(function* () {
      const keyring = yield* Keyring
      const key = yield* keyring.current(organisation)
      expect(yield* keyring.current(organisation)).toBe(key)
      expect(yield* keyring.get(organisation, key.id)).toBe(key)
      const others = [subject, { kind: "system" }, { kind: "organisation", organisation: OTHER }] as const
      for (const scope of others) {
        expect((yield* keyring.current(scope)).id).not.toBe(key.id)
        expect(yield* Effect.flip(keyring.get(scope, key.id))).toMatchObject({ reason: "unknown" })
      }
    }).pipe(Effect.provide(layer()))
  )

  it.effect("remembers an unwrapped key for a minute and no longer", () =>
    Effect.gen(function* () {
      const keyring = yield* Keyring
      const key = yield* keyring.current(subject)
      yield* TestClock.adjust("59 seconds")
      expect(yield* keyring.get(subject, key.id)).toBe(key)
      yield* TestClock.adjust("1 second")
      const again = yield* keyring.get(subject, key.id)
      expect(again).not.toBe(key)
      expect(again.id).toBe(key.id)
    }).pipe(Effect.provide(layer()))
  )

  it.effect("a data subject's key is wrapped by the organisation's, that one by the root key", () =>
    Effect.gen(function* () {
      const keyring = yield* Keyring
      const store = yield* KeyStore
      const parent = yield* keyring.current(organisation)
      yield* keyring.current(subject)
      expect(yield* store.newest(subject)).toMatchObject({ wrappedBy: parent.id, version: 1, state: "current" })
      const root = yield* (yield* RootKey).describe
      expect((yield* store.newest(organisation))?.wrappedBy).toBe(root.id)
      expect(yield* store.rootKeys).toEqual([root.id])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("what another package seals opens at its place only", () =>
    Effect.gen(function* () {
      const cipher = yield* SubjectCipher
      for (const at of [place, { ...place, subject: "person_x" }]) {
        const sealed = yield* cipher.seal(at, value)
        expect(Buffer.from(yield* cipher.open(at, sealed))).toEqual(value)
        const elsewhere = [
          { ...at, row: "2" },
          { ...at, column: "mail" },
          { ...at, table: "people" },
          { ...at, organisation: OTHER },
          { ...at, subject: "person_y" }
        ]
        for (const other of elsewhere) {
          expect(yield* Effect.flip(cipher.open(other, sealed))).toMatchObject({ reason: "cannot-open" })
        }
        expect(yield* Effect.flip(cipher.open(at, sealed.subarray(1)))).toMatchObject({ reason: "cannot-open" })
      }
    }).pipe(Effect.provide(layer()))
  )
})

const keys = (path: string, database: Layer.Layer<Database>, createIfMissing = true) =>
  keysLayer.pipe(Layer.provideMerge(rootKeyFileLayer({ path, createIfMissing })), Layer.provideMerge(database))

describe.each(databases)("keys on $name", ({ fresh, layer }) => {
  it.effect("a second start finds the keys of the first", () =>
    Effect.gen(function* () {
      const path = join(yield* temporaryFolder, "root.key")
      const database = databaseAt(yield* fresh)
      const seal = Effect.flatMap(SubjectCipher, (cipher) => cipher.seal(place, value))
      const sealed = yield* Effect.provide(seal, keys(path, database), { local: true })
      const open = Effect.flatMap(SubjectCipher, (cipher) => cipher.open(place, sealed))
      expect(Buffer.from(yield* Effect.provide(open, keys(path, database, false), { local: true }))).toEqual(value)
    })
  )

  it.effect("a wrong root key is refused at the start, and the missing one is named", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const database = databaseAt(yield* fresh)
      const start = (file: string) =>
        Effect.provide(
          Effect.flatMap(RootKey, (root) => root.describe),
          keys(join(folder, file), database),
          { local: true }
        )
      const right = yield* start("right.key")
      const error = yield* Effect.flip(start("wrong.key"))
      expect(error).toMatchObject({ _tag: "WrongRootKey", missing: [right.id], location: join(folder, "wrong.key") })
      expect(error.message).toContain(right.id)
      yield* start("right.key")
    })
  )

  it.effect("without a canary a wrong root key is refused all the same, and makes no new one", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const database = databaseAt(yield* fresh)
      const lose = Effect.gen(function* () {
        const { sql } = yield* Database
        yield* Effect.flatMap(Keyring, (keyring) => keyring.current(organisation))
        yield* sql`DELETE FROM vault_keys WHERE scope_kind = 'system'`
      })
      yield* Effect.provide(lose, keys(join(folder, "right.key"), database), { local: true })
      const wrong = Effect.provide(Effect.void, keys(join(folder, "wrong.key"), database), { local: true })
      expect(yield* Effect.flip(wrong)).toMatchObject({ _tag: "WrongRootKey" })
      const left = Effect.flatMap(Database, ({ sql }) => sql`SELECT scope_kind FROM vault_keys`)
      expect(yield* Effect.provide(left, database, { local: true })).toEqual([{ scope_kind: "organisation" }])
      yield* Effect.provide(Effect.void, keys(join(folder, "right.key"), database), { local: true })
    })
  )

  it.effect("an altered canary is refused at the start", () =>
    Effect.gen(function* () {
      const path = join(yield* temporaryFolder, "root.key")
      const database = databaseAt(yield* fresh)
      const damage = Effect.gen(function* () {
        const { sql } = yield* Database
        const [row] = yield* sql<{ wrapped: Uint8Array }>`SELECT wrapped FROM vault_keys WHERE scope_kind = 'system'`
        const wrapped = Uint8Array.from(row!.wrapped)
        wrapped[80]! ^= 1
        yield* sql`UPDATE vault_keys SET wrapped = ${wrapped} WHERE scope_kind = 'system'`
      })
      yield* Effect.provide(damage, keys(path, database), { local: true })
      const error = yield* Effect.flip(Effect.provide(Effect.void, keys(path, database), { local: true }))
      expect(error).toMatchObject({ _tag: "KeyUnavailable", reason: "altered" })
    })
  )

  it.effect("a wrapped key that was moved to another scope does not open", () =>
    Effect.gen(function* () {
      const { sql } = yield* Database
      const keyring = yield* Keyring
      const ours = yield* keyring.current(organisation)
      yield* keyring.current({ kind: "organisation", organisation: OTHER })
      yield* sql`UPDATE vault_keys SET version = 2 WHERE organisation = ${OTHER}`
      yield* sql`UPDATE vault_keys SET organisation = ${OTHER} WHERE id = ${ours.id}`
      yield* TestClock.adjust("2 minutes")
      const moved = keyring.get({ kind: "organisation", organisation: OTHER }, ours.id)
      expect(yield* Effect.flip(moved)).toMatchObject({ reason: "altered" })
    }).pipe(Effect.provide(keysLayer.pipe(Layer.provideMerge(freshRootKey), Layer.provideMerge(layer()))))
  )

  it.effect("a destroyed key is told as destroyed, and its scope gets no new one", () =>
    Effect.gen(function* () {
      const { sql } = yield* Database
      const cipher = yield* SubjectCipher
      const at = { ...place, subject: "person_x" }
      const sealed = yield* cipher.seal(at, value)
      yield* sql`UPDATE vault_keys SET state = 'destroyed', wrapped = NULL WHERE scope_kind = 'subject'`
      yield* TestClock.adjust("2 minutes")
      expect(yield* Effect.flip(cipher.open(at, sealed))).toMatchObject({ reason: "key-destroyed" })
      expect(Exit.isFailure(yield* Effect.exit(cipher.seal(at, value)))).toBe(true)
    }).pipe(Effect.provide(keysLayer.pipe(Layer.provideMerge(freshRootKey), Layer.provideMerge(layer()))))
  )

  it.effect("a key that was made in a transaction is forgotten when the transaction is undone", () =>
    Effect.gen(function* () {
      const { transaction } = yield* Database
      const cipher = yield* SubjectCipher
      const undone = transaction(Effect.andThen(cipher.seal(place, value), Effect.fail("undo")))
      expect(yield* Effect.flip(undone)).toBe("undo")
      const sealed = yield* cipher.seal(place, value)
      yield* TestClock.adjust("2 minutes")
      expect(Buffer.from(yield* cipher.open(place, sealed))).toEqual(value)
    }).pipe(Effect.provide(keysLayer.pipe(Layer.provideMerge(freshRootKey), Layer.provideMerge(layer()))))
  )
})

const manyNodes = databases.filter(({ name }) => name !== "SQLite")

describe.each(manyNodes)("nodes on $name", ({ fresh }) => {
  it.effect("two nodes that make the first key of an organisation at once end with one", () =>
    Effect.gen(function* () {
      const path = join(yield* temporaryFolder, "root.key")
      const location = yield* fresh
      const node = Layer.build(Layer.fresh(keys(path, databaseAt(location))))
      const nodes = yield* Effect.all([node, node, node], { concurrency: "unbounded" })
      for (let round = 0; round < 10; round++) {
        const scope = { kind: "subject", organisation: ACME, subject: `person_${round}` } as const
        const made = yield* Effect.forEach(
          nodes.flatMap((context) => [context, context]),
          (context) =>
            Effect.provide(
              Effect.flatMap(Keyring, (keyring) => keyring.current(scope)),
              context
            ),
          { concurrency: "unbounded" }
        )
        expect(new Set(made.map((key) => key.id)).size).toBe(1)
      }
    })
  )
})

const ownKeys = (folder: string, rootKey: string, createIfMissing = true) =>
  subjectCipherLayer.pipe(
    Layer.provideMerge(keyringLayer()),
    Layer.provideMerge(keysIn(join(folder, "own.db"))),
    Layer.provideMerge(rootKeyFileLayer({ path: join(folder, rootKey), createIfMissing }))
  )

describe("keys in storage of one's own", () => {
  it.effect("are found by a second start, and belong to their root key", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const at = { ...place, subject: "person_x" }
      const seal = Effect.flatMap(SubjectCipher, (cipher) => cipher.seal(at, value))
      const sealed = yield* Effect.provide(seal, ownKeys(folder, "right.key"), { local: true })
      const open = Effect.flatMap(SubjectCipher, (cipher) => cipher.open(at, sealed))
      const opened = yield* Effect.provide(open, cipherOn(optionsIn(folder)), { local: true })
      expect(Buffer.from(opened)).toEqual(value)
      const wrong = Effect.provide(open, ownKeys(folder, "wrong.key"), { local: true })
      expect(yield* Effect.flip(wrong)).toMatchObject({ _tag: "WrongRootKey" })
    })
  )

  it.effect("of one scope that two processes make at once are one", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const node = Layer.build(Layer.fresh(ownKeys(folder, "right.key")))
      const nodes = yield* Effect.all([node, node, node], { concurrency: "unbounded" })
      const made = yield* Effect.forEach(
        nodes,
        (context) =>
          Effect.provide(
            Effect.flatMap(Keyring, (keyring) => keyring.current(subject)),
            context
          ),
        { concurrency: "unbounded" }
      )
      expect(new Set(made.map(({ id }) => id)).size).toBe(1)
    })
  )

  it.effect("that were altered or destroyed there are refused", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const at = { ...place, subject: "person_x" }
      const seal = Effect.flatMap(SubjectCipher, (cipher) => cipher.seal(at, value))
      const sealed = yield* Effect.provide(seal, ownKeys(folder, "right.key"), { local: true })
      const open = Effect.flatMap(SubjectCipher, (cipher) => cipher.open(at, sealed))
      const refusal = Effect.flip(Effect.provide(open, ownKeys(folder, "right.key"), { local: true }))
      const change = (statement: string) => {
        const db = new BetterSqlite3(join(folder, "own.db"))
        db.prepare(statement).run()
        db.close()
      }
      change("UPDATE our_keys SET wrapped = substr(wrapped, 1, 80) || zeroblob(28) WHERE scope LIKE 'subject/%'")
      expect(yield* refusal).toMatchObject({ reason: "cannot-open" })
      change("UPDATE our_keys SET wrapped = NULL WHERE scope LIKE 'subject/%'")
      expect(yield* refusal).toMatchObject({ reason: "key-destroyed" })
    })
  )
})

const optionsIn = (folder: string) => ({ keys: join(folder, "own.db"), rootKeyFile: join(folder, "right.key") })
