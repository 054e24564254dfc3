import { join } from "node:path"
import { it } from "@effect/vitest"
import { AuditLog, auditLogLayer, Database, ephemeralSigningKey, SubjectCipher } from "@fluxcybers/core"
import { Effect, Layer, Schedule } from "effect"
import { describe, expect } from "vitest"
import { databases, type TestDatabase } from "../../../repo/testing/databases.ts"
import {
  BlindIndex,
  erasureJournalFileLayer,
  KeyRotation,
  keyRotationLayer,
  rootKeyFileLayer,
  Shredding,
  vaultLayer
} from "../src/index.ts"
import { ACME, ALICE, OTHER, temporaryFolder } from "./vault-testing.ts"

const acting = { organisation: ACME, actor: ALICE }
const INDEX = { kind: "index" } as const
const MAIL = { table: "app_people", column: "mail", key: ["org", "id"], row: "id", indexed: "email" } as const
const mailOf = (organisation: typeof ACME) =>
  ({ organisation, table: "app_people", column: "mail", field: "email" }) as const
const address = (i: number) => `Person.${i}@Example.com`
const PEOPLE = 250

const vaultOn = (database: TestDatabase) =>
  Layer.unwrap(
    Effect.map(temporaryFolder, (folder) =>
      keyRotationLayer([MAIL]).pipe(
        Layer.provideMerge(vaultLayer),
        Layer.provideMerge(
          auditLogLayer({ origin: "test.example/vault", key: ephemeralSigningKey("test.example/vault") })
        ),
        Layer.provideMerge(rootKeyFileLayer({ path: join(folder, "root.key"), createIfMissing: true })),
        Layer.provideMerge(erasureJournalFileLayer({ path: join(folder, "erasures") })),
        Layer.provideMerge(database.layer())
      )
    )
  )

const addPerson = Effect.fnUntraced(function* (organisation: typeof ACME, i: number) {
  const [{ sql }, cipher, index] = [yield* Database, yield* SubjectCipher, yield* BlindIndex]
  const place = { ...mailOf(organisation), row: `${i}`, ...(i % 50 === 0 ? { subject: `person_${i}` } : {}) }
  const mail = yield* cipher.seal(place, Buffer.from(address(i)))
  yield* sql`INSERT INTO app_people ${sql.insert({ org: organisation, id: `${i}`, mail })}`
  yield* index.put(place, address(i))
})

/** 250 people, five of whom have a key of their own, and one person of another organisation with the same row id. */
const fill = Effect.gen(function* () {
  const { sql, dialect } = yield* Database
  const bytes = dialect === "postgres" ? "BYTEA" : "BLOB"
  yield* sql.unsafe(`CREATE TABLE app_people (org TEXT, id TEXT, mail ${bytes}, PRIMARY KEY (org, id))`)
  for (let i = 0; i < PEOPLE; i++) yield* addPerson(ACME, i)
  yield* addPerson(OTHER, 7)
})

const found = (i: number, organisation = ACME) =>
  Effect.flatMap(BlindIndex, (index) => index.find(mailOf(organisation), address(i)))

/** Looks people up all the time until the rotation is completed. */
const rotated = Effect.gen(function* () {
  const rotation = yield* KeyRotation
  const { id } = yield* rotation.begin({ ...acting, scope: INDEX })
  let looked = 0
  const look = Effect.gen(function* () {
    const i = (looked++ * 37) % PEOPLE
    expect(yield* found(i)).toEqual([`${i}`])
    return (yield* rotation.rotations(ACME)).find((each) => each.id === id)
  })
  const ended = yield* Effect.repeat(look, {
    until: (each) => each?.state === "completed",
    schedule: Schedule.spaced(1)
  })
  expect(looked).toBeGreaterThan(1)
  return ended
})

describe.each(databases.slice(0, 2))("rotation of the index key on $name", (database) => {
  it.live("makes every token anew, and look-ups find people before, meanwhile and after", () =>
    Effect.gen(function* () {
      yield* fill
      const [{ sql }, rotation, log] = [yield* Database, yield* KeyRotation, yield* AuditLog]
      expect(yield* rotation.plan({ ...acting, scope: INDEX })).toEqual({ total: PEOPLE })
      const ended = yield* rotated
      expect(ended).toMatchObject({ scope: "index", total: PEOPLE, done: PEOPLE, failed: 0 })
      const tokens = yield* sql<{
        organisation: string
        token: string
      }>`SELECT organisation, token FROM vault_blind_index`
      expect(tokens.filter(({ token }) => token.startsWith("fi1.2.email1.")).length).toBe(PEOPLE)
      expect(tokens.filter(({ organisation }) => organisation === OTHER)[0]!.token).toMatch(/^fi1\.1\./)
      for (const i of [0, 7, PEOPLE - 1]) expect(yield* found(i)).toEqual([`${i}`])
      expect(yield* found(7, OTHER)).toEqual(["7"])
      yield* addPerson(ACME, PEOPLE)
      expect(yield* found(PEOPLE)).toEqual([`${PEOPLE}`])
      expect((yield* rotation.status(ACME)).indexVersions).toMatchObject([
        { version: 2, state: "current", uses: PEOPLE + 1 },
        { version: 1, state: "retired", uses: 0 }
      ])
      const entries = yield* log.list({ organisation: ACME, object: ended!.id })
      expect(entries.map(({ entry }) => [entry.outcome, entry.facts["scope"]])).toEqual([
        ["success", "index"],
        ["intent", "index"]
      ])
    }).pipe(Effect.provide(vaultOn(database)))
  )

  it.live("leaves tokens whose value does not open, keeps the older version for them, and destroys it after them", () =>
    Effect.gen(function* () {
      yield* fill
      const [{ sql }, rotation, index, shredding] = [
        yield* Database,
        yield* KeyRotation,
        yield* BlindIndex,
        yield* Shredding
      ]
      yield* shredding.shred({ ...acting, subject: "person_50" })
      const elsewhere = { ...mailOf(ACME), column: "unlisted", row: "x" }
      yield* index.put(elsewhere, address(1))
      yield* sql`UPDATE app_people SET mail = (SELECT mail FROM app_people WHERE org = ${ACME} AND id = '3')
        WHERE org = ${ACME} AND id = '4'`
      yield* Effect.ignore(index.put({ ...mailOf(ACME), row: "50" }, address(50)))
      const ended = yield* rotated
      expect(ended).toMatchObject({ done: PEOPLE - 2, failed: 3 })
      const key = (yield* rotation.status(ACME)).indexVersions[1]!.id
      yield* sql`UPDATE vault_rotations SET completed_at = '2020-01-01T00:00:00.000Z'`
      expect(yield* Effect.flip(rotation.retire({ ...acting, key }))).toMatchObject({ reason: "in-use", uses: 3 })
      expect(yield* found(4)).toEqual(["4"])
      for (const cell of [elsewhere, { ...mailOf(ACME), row: "4" }, { ...mailOf(ACME), row: "50" }]) {
        yield* index.remove(cell)
      }
      expect(yield* rotation.retire({ ...acting, key })).toMatchObject({ state: "destroyed", version: 1 })
      expect(yield* found(5)).toEqual(["5"])
      expect((yield* rotation.verify({ ...acting, isTrial: true })).evidence.keysDestroyed).toBe(2)
    }).pipe(Effect.provide(vaultOn(database)))
  )
})
