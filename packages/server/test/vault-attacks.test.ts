// Somebody who may write everything in the vault's database and files, against `keys verify`, `audit verify` and one honest witness.
import { it } from "@effect/vitest"
import { Database, SubjectCipher } from "@fluxcybers/core"
import { KeyStore, Secrets, Shredding } from "@fluxcybers/vault"
import { Effect, Logger, Redacted } from "effect"
import { describe, expect } from "vitest"
import { serverDatabases } from "../../../repo/testing/databases.ts"
import {
  actor,
  attack,
  copyOf,
  inVault,
  inWitnessedVault,
  loseJournal,
  newVault,
  newWitnessedVault,
  organisation,
  putBack,
  verified
} from "./attacked-vault.ts"

const named = { organisation, actor, name: "db/password" }
const reading = { ...named, purpose: "test" }
const value = (text: string) => Redacted.make(Buffer.from(text))
const SECRET_TABLES = ["vault_secrets", "vault_secret_versions"]
const LOG_TABLES = ["core_audit_entries", "core_audit_tiles", "core_audit_checkpoints", "core_audit_cosignatures"]

const put = Effect.flatMap(Secrets, (secrets) => secrets.put({ ...named, value: value("old") }))
const rotate = Effect.flatMap(Secrets, (secrets) => secrets.rotate({ ...named, value: value("new") }))
const secretId = Effect.gen(function* () {
  const { sql } = yield* Database
  const [row] = yield* sql<{ id: string }>`SELECT id FROM vault_secrets`
  return row!.id
})

const person = { organisation, table: "app_people", column: "name", row: "1", subject: "person_x" }
const place = (row: string) => ({ organisation, table: "app_notes", column: "body", row })

/** 150 notes: more than a sample. */
const writeNotes = Effect.gen(function* () {
  const [{ sql }, cipher] = [yield* Database, yield* SubjectCipher]
  for (let i = 100; i < 250; i++) {
    yield* sql`INSERT INTO app_notes ${sql.insert({ id: `${i}`, body: yield* cipher.seal(place(`${i}`), Buffer.from("note")) })}`
  }
})

describe.each(serverDatabases.slice(0, 2))("somebody who owns the database on $name cannot unnoticed", (database) => {
  it.live("set a secret back to an older value: it is not given out, and verification names it", () =>
    Effect.gen(function* () {
      const vault = yield* newVault(database)
      yield* inVault(vault, put)
      const older = yield* copyOf(vault, SECRET_TABLES)
      yield* inVault(vault, rotate)
      yield* attack(vault, (sql) => putBack(sql, older))
      yield* inVault(
        vault,
        Effect.gen(function* () {
          const secrets = yield* Secrets
          const reveals = [secrets.reveal(reading), secrets.reveal({ ...reading, version: 1 })]
          for (const attempt of [
            ...reveals.map(Effect.asVoid),
            Effect.asVoid(secrets.current(named)),
            Effect.asVoid(rotate)
          ]) {
            expect(yield* Effect.flip(attempt)).toMatchObject({ reason: "rolled-back" })
          }
          const { keys, log } = yield* verified(vault)
          expect(keys.isSound).toBe(false)
          expect(keys.evidence.secretsRolledBack).toEqual([yield* secretId])
          expect(log).toEqual([])

          yield* secrets.destroy(named)
          expect(yield* put).toMatchObject({ version: 3 })
          expect((yield* secrets.reveal(reading)).version).toBe(3)
          expect((yield* verified(vault)).keys.isSound).toBe(true)
        })
      )
    })
  )

  it.live("set it back and hide the rotation in the log", () =>
    Effect.gen(function* () {
      const vault = yield* newVault(database)
      yield* inVault(vault, put)
      const older = yield* copyOf(vault, SECRET_TABLES)
      yield* inVault(vault, rotate)
      yield* attack(vault, (sql) =>
        Effect.andThen(
          putBack(sql, older),
          sql`UPDATE core_audit_entries SET action = 'thing.changed' WHERE action = 'secret.rotated'`
        )
      )
      expect((yield* inVault(vault, verified(vault))).log).toEqual(["invalid-entry"])
    })
  )

  it.live("set it back together with the log", () =>
    Effect.gen(function* () {
      const vault = yield* newWitnessedVault(database)
      yield* inWitnessedVault(vault, put)
      const older = yield* copyOf(vault, [...SECRET_TABLES, ...LOG_TABLES])
      yield* inWitnessedVault(vault, rotate)
      yield* attack(vault, (sql) => putBack(sql, older))
      const told: Array<string> = []
      const logger = Logger.make(({ message }) => void told.push(String(message)))
      const goOn = Effect.gen(function* () {
        const secrets = yield* Secrets
        expect((yield* secrets.reveal(reading)).version).toBe(1)
        for (const name of ["a", "b"]) yield* secrets.put({ ...named, name, value: value(name) })
        yield* Effect.sleep("3 seconds")
        return yield* verified(vault)
      })
      const { log } = yield* Effect.provide(inVault(vault, goOn), Logger.layer([logger]))
      expect(told.join("\n")).toContain("saw another history of this log")
      expect(log).toContain("fork")
    })
  )

  it.live("bring a destroyed value back, or take a secret away", () =>
    Effect.gen(function* () {
      const vault = yield* newVault(database)
      yield* inVault(vault, put)
      const older = yield* copyOf(vault, SECRET_TABLES)
      yield* inVault(
        vault,
        Effect.flatMap(Secrets, (secrets) => secrets.destroy(named))
      )
      yield* attack(vault, (sql) => putBack(sql, older))
      const id = yield* inVault(vault, secretId)
      yield* inVault(
        vault,
        Effect.gen(function* () {
          const secrets = yield* Secrets
          expect(yield* Effect.flip(secrets.reveal(reading))).toMatchObject({ reason: "rolled-back" })
          expect((yield* verified(vault)).keys).toMatchObject({ isSound: false, evidence: { secretsRolledBack: [id] } })
          yield* secrets.destroy(named)
          yield* put
          const { sql } = yield* Database
          const [row] = yield* sql<{ sealed: Uint8Array }>`SELECT sealed FROM vault_secret_versions`
          const again = { secret_id: id, version: 1, sealed: row!.sealed, created_at: "", expires_at: null }
          yield* sql`INSERT INTO vault_secret_versions ${sql.insert(again)}`
          expect(yield* Effect.flip(secrets.reveal({ ...reading, version: 1 }))).toMatchObject({
            reason: "version-unknown"
          })
          expect((yield* verified(vault)).keys.evidence.secretsRolledBack).toEqual([id])
        })
      )
      yield* attack(vault, (sql) =>
        Effect.andThen(sql`DELETE FROM vault_secret_versions`, sql`DELETE FROM vault_secrets`)
      )
      const { keys } = yield* inVault(vault, verified(vault))
      expect(keys).toMatchObject({ isSound: false, evidence: { secretsRolledBack: [], secretsMissing: [id] } })
    })
  )

  it.live("bring a shredded key back, also when the erasure and its journal are gone", () =>
    Effect.gen(function* () {
      const vault = yield* newVault(database)
      const sealed = yield* inVault(
        vault,
        Effect.flatMap(SubjectCipher, (cipher) => cipher.seal(person, Buffer.from("Ada")))
      )
      const older = yield* copyOf(vault, ["vault_keys", "vault_shreddings"])
      const { keyIds, id } = yield* inVault(
        vault,
        Effect.flatMap(Shredding, (shredding) => shredding.shred({ organisation, actor, subject: "person_x" }))
      )
      yield* attack(vault, (sql) => putBack(sql, older))
      loseJournal(vault)
      yield* inVault(
        vault,
        Effect.gen(function* () {
          const wrapped = (yield* (yield* KeyStore).versions({ kind: "subject", organisation, subject: "person_x" }))[0]
          expect(wrapped).toMatchObject({ id: keyIds[0], state: "current", wrapped: expect.anything() })
          const cipher = yield* SubjectCipher
          expect(yield* Effect.flip(cipher.open(person, sealed))).toMatchObject({ reason: "key-destroyed" })
          expect((yield* Effect.exit(cipher.seal(person, sealed)))._tag).toBe("Failure")
          const { keys, log } = yield* verified(vault)
          expect(keys).toMatchObject({ isSound: false, evidence: { keysBroughtBack: keyIds, shreddingsMissing: [id] } })
          expect(log).toEqual([])
        })
      )
    })
  )

  it.live("move a sealed value to another row", () =>
    Effect.gen(function* () {
      const vault = yield* newVault(database)
      yield* inVault(vault, Effect.andThen(put, writeNotes))
      yield* attack(
        vault,
        (sql) => sql`UPDATE app_notes SET body = (SELECT body FROM app_notes WHERE id = '200') WHERE id = '249'`
      )
      yield* inVault(
        vault,
        Effect.gen(function* () {
          const [{ sql }, cipher] = [yield* Database, yield* SubjectCipher]
          const [row] = yield* sql<{ body: Uint8Array }>`SELECT body FROM app_notes WHERE id = '249'`
          expect(yield* Effect.flip(cipher.open(place("249"), row!.body))).toMatchObject({ reason: "cannot-open" })
          const { keys } = yield* verified(vault)
          expect(keys.isSound).toBe(false)
          expect(keys.columns).toMatchObject([{ altered: 0 }, { table: "app_notes", opened: 150, altered: 1 }])
        })
      )
    })
  )
})
