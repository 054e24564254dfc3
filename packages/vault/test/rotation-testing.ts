// What is in the vault whose keys the tests rotate, and how they see that all of it still opens.
import { Database, generateSigningKey, SubjectCipher } from "@fluxcybers/core"
import { Effect, type Layer, Redacted, Result, Schedule } from "effect"
import { expect } from "vitest"
import type { Location } from "../../../repo/testing/databases.ts"
import { BlindIndex, KeyRotation, Keyring, type RootKey, type RotationScope, Secrets } from "../src/index.ts"
import { databaseAt } from "./database-at.ts"
import { acting, rotatedVault } from "./rotation-vault.ts"
import { ACME, bytes, textOf } from "./vault-testing.ts"

export const ORGANISATION = { kind: "organisation" } as const
export const LOG_KEY = Redacted.value(Result.getOrThrow(generateSigningKey("test.example/vault")))

export const vaultAt = (folder: string, location: Location, rootKey?: Layer.Layer<RootKey, unknown>) => {
  const place = { folder, database: databaseAt(location), logKey: LOG_KEY }
  return rotatedVault(rootKey === undefined ? place : { ...place, rootKey })
}

export const placeOf = (page: number, subject?: string) => ({
  organisation: ACME,
  table: "app_notes",
  column: "body",
  row: `book/${page}`,
  ...(subject === undefined ? {} : { subject })
})

/** 150 notes of the organisation and 5 of a person, three secrets, and keys of ten more people. */
const NOTES_COUNT = 150
export const fill = Effect.gen(function* () {
  const [{ sql, dialect }, cipher, secrets, keyring] = [
    yield* Database,
    yield* SubjectCipher,
    yield* Secrets,
    yield* Keyring
  ]
  const [blob, integer] = dialect === "postgres" ? ["BYTEA", "BIGINT"] : ["BLOB", "INTEGER"]
  yield* sql.unsafe(`CREATE TABLE app_notes (book TEXT, page ${integer}, body ${blob}, PRIMARY KEY (book, page))`)
  for (let page = 0; page < NOTES_COUNT + 5; page++) {
    const place = placeOf(page, page < NOTES_COUNT ? undefined : "person_x")
    const body = yield* cipher.seal(place, Buffer.from(`note ${page}`))
    yield* sql`INSERT INTO app_notes ${sql.insert({ book: "book", page, body })}`
  }
  for (const name of ["a", "b", "c"]) yield* secrets.put({ ...acting, name, value: bytes(name) })
  for (let i = 0; i < 10; i++) yield* keyring.current({ kind: "subject", organisation: ACME, subject: `person_${i}` })
})
/** Makes the notes findable by what they say. */
export const indexNotes = Effect.gen(function* () {
  const index = yield* BlindIndex
  for (let page = 0; page < NOTES_COUNT; page++) {
    yield* index.put({ ...placeOf(page), field: "exact" }, `note ${page}`)
  }
})

export const everyNoteIsFound = Effect.gen(function* () {
  const index = yield* BlindIndex
  for (let page = 0; page < NOTES_COUNT; page++) {
    const { row, ...place } = placeOf(page)
    expect(yield* index.find({ ...place, field: "exact" }, `note ${page}`)).toEqual([row])
  }
})

/** Notes, secrets, and the keys of eleven people. */
export const ORGANISATION_WORK = NOTES_COUNT + 3 + 11

export const everythingOpens = Effect.gen(function* () {
  const [{ sql }, cipher, secrets] = [yield* Database, yield* SubjectCipher, yield* Secrets]
  const rows = yield* sql<{ page: number; body: Uint8Array }>`SELECT page, body FROM app_notes ORDER BY page`
  for (const { page, body } of rows) {
    const place = placeOf(Number(page), Number(page) < NOTES_COUNT ? undefined : "person_x")
    expect(Buffer.from(yield* cipher.open(place, body)).toString()).toBe(`note ${page}`)
  }
  expect(textOf(yield* secrets.reveal({ ...acting, name: "b", purpose: "test" }))).toBe("b")
  expect(rows.length).toBe(NOTES_COUNT + 5)
})

export const rotate = Effect.fnUntraced(function* (which: RotationScope) {
  const rotation = yield* KeyRotation
  const { id } = yield* rotation.begin({ ...acting, scope: which })
  return yield* ended(id)
})

const ended = (id: string) =>
  Effect.gen(function* () {
    const { rotations } = yield* (yield* KeyRotation).status(ACME)
    const found = rotations.find((each) => each.id === id)
    return found?.state === "completed" ? found : yield* Effect.fail("it is still running")
  }).pipe(Effect.retry({ times: 400, schedule: Schedule.spaced("50 millis") }))
