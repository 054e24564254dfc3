import { existsSync } from "node:fs"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { AuditLog, Database, SubjectCipher } from "@fluxcybers/core"
import { Effect } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { KeyRotation, Keyring, KeyStore, rootKeysLayer, Shredding } from "../src/index.ts"
import { everythingOpens, fill, ORGANISATION, ORGANISATION_WORK, placeOf, rotate, vaultAt } from "./rotation-testing.ts"
import { acting, keyFile } from "./rotation-vault.ts"
import { ACME, ALICE, OTHER, temporaryFolder } from "./vault-testing.ts"

const scope = { kind: "organisation", organisation: ACME } as const

describe.each(databases.slice(0, 2))("rotation on $name", ({ fresh }) => {
  const place = Effect.gen(function* () {
    return { folder: yield* temporaryFolder, location: yield* fresh }
  })
  const inVault = <A, E, R>(work: Effect.Effect<A, E, R>) =>
    Effect.flatMap(place, ({ folder, location }) => Effect.provide(work, vaultAt(folder, location)))

  it.live("of the root key wraps every key anew, and the older root key is no longer needed", () =>
    Effect.gen(function* () {
      const { folder, location } = yield* place
      yield* Effect.provide(fill, vaultAt(folder, location), { local: true })
      const both = rootKeysLayer({ current: keyFile(folder, "b.key"), previous: keyFile(folder, "a.key") })
      yield* Effect.gen(function* () {
        const [rotation, keyring] = [yield* KeyRotation, yield* Keyring]
        yield* everythingOpens
        yield* keyring.current({ kind: "organisation", organisation: OTHER })
        expect(yield* rotation.plan({ ...acting, scope: { kind: "root" } })).toEqual({ total: 2 })
        expect(yield* rotate({ kind: "root" })).toMatchObject({ total: 2, done: 2, failed: 0 })
        const status = yield* rotation.status(ACME)
        expect(status.wrappedBy.find(({ rootKey }) => rootKey === status.rootKey.id)?.keys).toBe(3)
        expect(status.wrappedBy.filter(({ rootKey }) => rootKey !== status.rootKey.id)).toMatchObject([{ keys: 0 }])
      }).pipe(Effect.provide(vaultAt(folder, location, both), { local: true }))
      yield* Effect.provide(everythingOpens, vaultAt(folder, location, keyFile(folder, "b.key")), { local: true })
      const tooLate = yield* Effect.flip(Effect.provide(KeyRotation, vaultAt(folder, location), { local: true }))
      expect(tooLate).toMatchObject({ _tag: "WrongRootKey" })
      expect(existsSync(join(folder, "a.key"))).toBe(true)
    })
  )

  it.live("of an organisation's key seals what is new and what is old under the new version", () =>
    inVault(
      Effect.gen(function* () {
        yield* fill
        const [rotation, keyring, log] = [yield* KeyRotation, yield* Keyring, yield* AuditLog]
        const before = yield* keyring.current(scope)
        expect(yield* rotation.plan({ ...acting, scope: ORGANISATION })).toEqual({ total: ORGANISATION_WORK })
        const rotated = yield* rotate(ORGANISATION)
        expect(rotated).toMatchObject({ total: ORGANISATION_WORK, done: ORGANISATION_WORK, failed: 0 })
        const { versions } = yield* rotation.status(ACME)
        expect(versions).toMatchObject([
          { version: 2, state: "current", uses: ORGANISATION_WORK },
          { version: 1, state: "retired", uses: 0, id: before.id }
        ])
        yield* everythingOpens
        const entries = yield* log.list({ organisation: ACME, object: rotated.id })
        expect(entries.map(({ entry }) => entry.outcome)).toEqual(["success", "intent"])
      })
    )
  )

  it.live("of a person's key touches that person's values alone, and a shredded person has none", () =>
    inVault(
      Effect.gen(function* () {
        yield* fill
        const [rotation, keyring, shredding] = [yield* KeyRotation, yield* Keyring, yield* Shredding]
        const person = { kind: "subject", subject: "person_x" } as const
        expect(yield* rotate(person)).toMatchObject({ total: 5, done: 5 })
        expect((yield* keyring.current({ ...person, organisation: ACME })).version).toBe(2)
        yield* everythingOpens
        yield* shredding.shred({ ...acting, subject: "person_x" })
        const refusal = yield* Effect.flip(rotation.begin({ ...acting, scope: person }))
        expect(refusal).toMatchObject({ reason: "no-key" })
        const kept = (yield* (yield* KeyStore).versions({ ...person, organisation: ACME })).filter(
          ({ wrapped }) => wrapped
        )
        expect(kept).toEqual([])
      })
    )
  )

  it.live("refuses to retire a version that seals, or that anything still needs, and then destroys it", () =>
    inVault(
      Effect.gen(function* () {
        yield* fill
        const [rotation, keyring, { sql }] = [yield* KeyRotation, yield* Keyring, yield* Database]
        const { id: key } = yield* keyring.current(scope)
        const [stale] = yield* sql<{ body: Uint8Array }>`SELECT body FROM app_notes WHERE page = 7`
        const retire = (more = {}) => rotation.retire({ ...acting, key, ...more })
        expect(yield* Effect.flip(retire())).toMatchObject({ reason: "current" })
        yield* rotate(ORGANISATION)
        expect(yield* Effect.flip(retire())).toMatchObject({ reason: "too-soon" })
        yield* sql`UPDATE vault_rotations SET completed_at = '2020-01-01T00:00:00.000Z'`
        const [sealedAnew] = yield* sql<{ body: Uint8Array }>`SELECT body FROM app_notes WHERE page = 7`
        yield* sql`UPDATE app_notes SET body = ${stale!.body} WHERE page = 7`
        expect(yield* Effect.flip(retire())).toMatchObject({ reason: "in-use", uses: 1 })
        yield* sql`UPDATE app_notes SET body = ${sealedAnew!.body} WHERE page = 7`
        expect(yield* retire({ isTrial: true })).toMatchObject({ state: "retired" })
        expect(yield* retire()).toMatchObject({ state: "destroyed" })
        expect(yield* Effect.flip(keyring.get(scope, key))).toMatchObject({ reason: "destroyed" })
        expect(yield* Effect.flip(retire())).toMatchObject({ reason: "unknown-key" })
        expect(yield* Effect.flip(rotation.retire({ organisation: OTHER, actor: ALICE, key }))).toMatchObject({
          reason: "unknown-key"
        })
        yield* everythingOpens
      })
    )
  )

  it.live("verification tells apart values that were altered, cut off, orphaned and erased", () =>
    inVault(
      Effect.gen(function* () {
        yield* fill
        const [rotation, { sql }, cipher] = [yield* KeyRotation, yield* Database, yield* SubjectCipher]
        const notes = Effect.map(rotation.verify({ ...acting, isTrial: true }), ({ columns, isSound }) => ({
          ...columns.find(({ table }) => table === "app_notes"),
          isSound
        }))
        const sound = {
          values: 155,
          malformed: 0,
          keyUnknown: 0,
          keyDestroyed: 0,
          opened: 100,
          altered: 0,
          isSound: true
        }
        expect(yield* notes).toMatchObject(sound)
        yield* (yield* Shredding).shred({ ...acting, subject: "person_x" })
        expect(yield* notes).toMatchObject({ keyDestroyed: 5, isSound: true })
        const moved = yield* cipher.seal(placeOf(1), Buffer.from("elsewhere"))
        const orphan = Buffer.from(moved)
        orphan.fill(7, 4, 16)
        yield* sql`UPDATE app_notes SET body = ${moved} WHERE page = 0`
        yield* sql`UPDATE app_notes SET body = ${orphan} WHERE page = 2`
        yield* sql`UPDATE app_notes SET body = ${Buffer.from("plain text")} WHERE page = 3`
        expect(yield* notes).toMatchObject({ malformed: 1, keyUnknown: 1, altered: 1, isSound: false })
      })
    )
  )
})
