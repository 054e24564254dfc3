import { it } from "@effect/vitest"
import { AuditLog, coreInventory, Database, verifyInventory } from "@fluxcybers/core"
import { Effect, Redacted, Result } from "effect"
import { TestClock } from "effect/testing"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { PURPOSE_LENGTH_MAX, SECRET_BYTES_MAX, Secrets, vaultInventory } from "../src/index.ts"
import { ACME, ALICE, bytes, OTHER, textOf, vaultOn } from "./vault-testing.ts"

const named = { organisation: ACME, actor: ALICE, name: "db/password" } as const
const reading = { ...named, purpose: "a test" } as const

/** The log of the organisation, oldest first, without what changes from run to run. */
const logged = Effect.gen(function* () {
  const entries = yield* (yield* AuditLog).list({ organisation: ACME, limit: 1_000 })
  return entries.map(({ entry }) => [entry.action, entry.outcome, entry.facts]).reverse()
})

describe.each(databases)("secrets on $name", ({ layer }) => {
  const vault = () => vaultOn(layer())

  it.effect("a value that was put is revealed, rotated and revealed in each version", () =>
    Effect.gen(function* () {
      const secrets = yield* Secrets
      const made = yield* secrets.put({ ...named, value: bytes("first") })
      expect(made).toEqual({ name: "db/password", version: 1, createdAt: "1970-01-01T00:00:00.000Z" })
      expect(textOf(yield* secrets.reveal(reading))).toBe("first")
      yield* TestClock.adjust("1 second")
      const rotated = yield* secrets.rotate({ ...named, value: bytes("second") })
      expect(rotated).toMatchObject({ version: 2, rotatedAt: "1970-01-01T00:00:01.000Z" })
      expect(textOf(yield* secrets.reveal(reading))).toBe("second")
      expect(textOf(yield* secrets.reveal({ ...reading, version: 1 }))).toBe("first")
      expect(yield* secrets.current(named)).toMatchObject({ version: 2, lastRevealedAt: "1970-01-01T00:00:01.000Z" })
      expect(yield* logged).toEqual([
        ["secret.put", "success", { version: 1 }],
        ["secret.revealed", "success", { version: 1, purpose: "a test" }],
        ["secret.rotated", "success", { version: 2 }],
        ["secret.revealed", "success", { version: 2, purpose: "a test" }],
        ["secret.revealed", "success", { version: 1, purpose: "a test" }]
      ])
    }).pipe(Effect.provide(vault()))
  )

  it.effect("any bytes up to 64 KiB come back unchanged, none and more are refused", () =>
    Effect.gen(function* () {
      const secrets = yield* Secrets
      const largest = Uint8Array.from({ length: SECRET_BYTES_MAX }, (_, i) => i)
      yield* secrets.put({ ...named, value: Redacted.make(largest) })
      expect(Buffer.from(Redacted.value((yield* secrets.reveal(reading)).value))).toEqual(Buffer.from(largest))
      const rotate = (length: number) => secrets.rotate({ ...named, value: Redacted.make(new Uint8Array(length)) })
      expect(yield* Effect.flip(rotate(SECRET_BYTES_MAX + 1))).toMatchObject({ reason: "too-large" })
      expect(yield* Effect.flip(rotate(0))).toMatchObject({ reason: "empty" })
      expect(yield* secrets.current(named)).toMatchObject({ version: 1 })
    }).pipe(Effect.provide(vault()))
  )

  it.effect("a name is taken once, and only by what is a name", () =>
    Effect.gen(function* () {
      const secrets = yield* Secrets
      const value = bytes("value")
      yield* secrets.put({ ...named, value })
      expect(yield* Effect.flip(secrets.put({ ...named, value }))).toMatchObject({ reason: "exists" })
      expect(yield* Effect.flip(secrets.rotate({ ...named, name: "other", value }))).toMatchObject({
        reason: "unknown"
      })
      for (const name of ["", "Hunter2!", "../x", "a b", "a\0", "x".repeat(129)]) {
        const refusals = [
          secrets.put({ ...named, name, value }),
          secrets.rotate({ ...named, name, value }),
          secrets.reveal({ ...reading, name }),
          secrets.current({ ...named, name }),
          secrets.destroy({ ...named, name })
        ]
        for (const refusal of refusals) {
          expect(yield* Effect.flip<unknown, unknown, never>(refusal)).toMatchObject({
            reason: "invalid-name",
            secret: ""
          })
        }
      }
      expect(yield* secrets.put({ ...named, organisation: OTHER, value })).toMatchObject({ version: 1 })
      expect((yield* secrets.list(ACME)).map(({ name }) => name)).toEqual(["db/password"])
    }).pipe(Effect.provide(vault()))
  )

  it.effect("of many that rotate at once, each gets a version of its own", () =>
    Effect.gen(function* () {
      const secrets = yield* Secrets
      yield* secrets.put({ ...named, value: bytes("v1") })
      const rotations = Array.from({ length: 8 }, (_, i) => secrets.rotate({ ...named, value: bytes(`r${i}`) }))
      const made = yield* Effect.all(rotations, { concurrency: "unbounded" })
      expect(made.map(({ version }) => version).sort()).toEqual([2, 3, 4, 5, 6, 7, 8, 9])
      for (const [i, { version }] of made.entries()) {
        expect(textOf(yield* secrets.reveal({ ...reading, version }))).toBe(`r${i}`)
      }
    }).pipe(Effect.provide(vault()))
  )

  it.effect("an expired value is not revealed, in any version, until it is rotated", () =>
    Effect.gen(function* () {
      const secrets = yield* Secrets
      yield* secrets.put({ ...named, value: bytes("short"), expiresAt: "1970-01-01T02:00:01+02:00" })
      expect(yield* secrets.current(named)).toMatchObject({ expiresAt: "1970-01-01T00:00:01.000Z" })
      yield* TestClock.adjust("1 second")
      expect(yield* Effect.flip(secrets.reveal(reading))).toMatchObject({ reason: "expired" })
      expect(yield* Effect.flip(secrets.current(named))).toMatchObject({ reason: "expired" })
      yield* secrets.rotate({ ...named, value: bytes("new") })
      expect(textOf(yield* secrets.reveal(reading))).toBe("new")
      expect(yield* Effect.flip(secrets.reveal({ ...reading, version: 1 }))).toMatchObject({ reason: "expired" })
      for (const expiresAt of ["1970-01-01T00:00:01Z", "2030-01-01", "tomorrow", "2030-02-30T25:00:00Z"]) {
        const refused = secrets.rotate({ ...named, value: bytes("new"), expiresAt })
        expect(yield* Effect.flip(refused)).toMatchObject({ reason: "invalid-expiry" })
      }
    }).pipe(Effect.provide(vault()))
  )

  it.effect("a refused reveal is in the log as denied, and names neither a value nor what was asked for", () =>
    Effect.gen(function* () {
      const secrets = yield* Secrets
      yield* secrets.put({ ...named, value: bytes("value") })
      const attempts = [
        { ...reading, name: "unknown" },
        { ...reading, name: "S3cr3t-typed-here" },
        { ...reading, version: 2 },
        { ...reading, version: 0.5 },
        { ...reading, purpose: " " },
        { ...reading, purpose: "x".repeat(PURPOSE_LENGTH_MAX + 1) },
        { ...reading, organisation: OTHER }
      ]
      for (const attempt of attempts) expect(Result.isFailure(yield* Effect.result(secrets.reveal(attempt)))).toBe(true)
      const purpose = "a test"
      expect((yield* logged).slice(1)).toEqual([
        ["secret.revealed", "denied", { reason: "unknown", purpose }],
        ["secret.revealed", "denied", { reason: "invalid-name", purpose }],
        ["secret.revealed", "denied", { reason: "version-unknown", purpose }],
        ["secret.revealed", "denied", { reason: "version-unknown", purpose }],
        ["secret.revealed", "denied", { reason: "invalid-purpose" }],
        ["secret.revealed", "denied", { reason: "invalid-purpose" }]
      ])
      const entries = yield* (yield* AuditLog).list({ organisation: ACME })
      expect(JSON.stringify(entries)).not.toMatch(/S3cr3t|db\/password/)
    }).pipe(Effect.provide(vault()))
  )

  it.effect("destroying removes every ciphertext, keeps the name, and lets versions go on", () =>
    Effect.gen(function* () {
      const { sql } = yield* Database
      const secrets = yield* Secrets
      yield* secrets.put({ ...named, value: bytes("v1") })
      yield* secrets.rotate({ ...named, value: bytes("v2") })
      yield* secrets.destroy(named)
      expect(yield* sql`SELECT * FROM vault_secret_versions`).toEqual([])
      expect(yield* secrets.list(ACME)).toEqual([])
      for (const refused of [
        secrets.reveal(reading),
        secrets.reveal({ ...reading, version: 1 }),
        secrets.current(named)
      ]) {
        expect(yield* Effect.flip<unknown, unknown, never>(refused)).toMatchObject({ reason: "destroyed" })
      }
      expect(yield* Effect.flip(secrets.destroy(named))).toMatchObject({ reason: "destroyed" })
      expect(yield* Effect.flip(secrets.rotate({ ...named, value: bytes("v3") }))).toMatchObject({
        reason: "destroyed"
      })
      expect(yield* secrets.put({ ...named, value: bytes("v3") })).toMatchObject({ version: 3 })
      expect(textOf(yield* secrets.reveal(reading))).toBe("v3")
      expect(yield* Effect.flip(secrets.reveal({ ...reading, version: 2 }))).toMatchObject({
        reason: "version-unknown"
      })
    }).pipe(Effect.provide(vault()))
  )

  it.effect("a value that was moved or altered in the database does not open, and the attempt is logged", () =>
    Effect.gen(function* () {
      const { sql } = yield* Database
      const secrets = yield* Secrets
      yield* secrets.put({ ...named, value: bytes("mine") })
      yield* secrets.rotate({ ...named, value: bytes("mine, newer") })
      yield* secrets.put({ ...named, name: "second", value: bytes("second") })
      yield* secrets.put({ ...named, organisation: OTHER, value: bytes("theirs") })
      const sealed = sql<{ organisation: string; name: string; version: number; sealed: Uint8Array }>`
        SELECT s.organisation, s.name, v.version, v.sealed FROM vault_secret_versions v JOIN vault_secrets s ON s.id = v.secret_id`
      const rows = yield* sealed
      const write = (blob: Uint8Array) =>
        sql`UPDATE vault_secret_versions SET sealed = ${blob} WHERE version = 2 AND secret_id =
          (SELECT id FROM vault_secrets WHERE organisation = ${ACME} AND name = 'db/password')`
      const own = rows.find((row) => Number(row.version) === 2)!
      const flipped = Uint8Array.from(own.sealed)
      flipped[80]! ^= 1
      for (const blob of [
        ...rows.filter((row) => row !== own).map((row) => row.sealed),
        flipped,
        new Uint8Array([1])
      ]) {
        yield* write(blob)
        expect(yield* Effect.flip(secrets.reveal(reading))).toMatchObject({ reason: "cannot-open" })
      }
      yield* write(own.sealed)
      yield* sql`UPDATE vault_secrets SET name = 'renamed' WHERE organisation = ${ACME} AND name = 'db/password'`
      const renamed = secrets.reveal({ ...reading, name: "renamed" })
      expect(yield* Effect.flip(renamed)).toMatchObject({ reason: "cannot-open" })
      const denied = (yield* logged).filter(([, outcome]) => outcome === "denied")
      expect(denied).toHaveLength(6)
    }).pipe(Effect.provide(vault()))
  )

  it.effect("after a secret was destroyed nobody gets it any more, also who asked at the same moment", () =>
    Effect.gen(function* () {
      const secrets = yield* Secrets
      for (let round = 0; round < 10; round++) {
        yield* secrets.put({ ...named, value: bytes("value") })
        const reveal = Effect.result(secrets.reveal(reading))
        yield* Effect.all([reveal, reveal, secrets.destroy(named), reveal, reveal], { concurrency: "unbounded" })
      }
      const actions = (yield* logged).map(([action, outcome]) => (outcome === "success" ? action : "denied"))
      expect(actions.filter((action) => action === "secret.destroyed")).toHaveLength(10)
      let isDestroyed = true
      for (const action of actions) {
        expect(action === "secret.revealed" && isDestroyed).toBe(false)
        if (action === "secret.put" || action === "secret.destroyed") isDestroyed = action === "secret.destroyed"
      }
    }).pipe(Effect.provide(vault()))
  )

  it.effect("every column of the vault is declared in the inventory", () =>
    verifyInventory([...coreInventory, ...vaultInventory]).pipe(Effect.provide(vault()))
  )

  it.effect("nothing changes when the audit entry cannot be written", () =>
    Effect.gen(function* () {
      const { sql, dialect } = yield* Database
      const secrets = yield* Secrets
      yield* secrets.put({ ...named, value: bytes("v1") })
      const table = sql(dialect === "sqlite" ? "core_audit_entries" : "core_audit_pending")
      yield* sql`ALTER TABLE ${table} RENAME TO hidden`
      for (const work of [
        secrets.put({ ...named, name: "second", value: bytes("x") }),
        secrets.rotate({ ...named, value: bytes("v2") }),
        secrets.reveal(reading),
        secrets.destroy(named)
      ]) {
        expect((yield* Effect.exit<unknown, unknown, never>(work))._tag).toBe("Failure")
      }
      yield* sql`ALTER TABLE hidden RENAME TO ${table}`
      expect(yield* secrets.list(ACME)).toEqual([{ name: "db/password", version: 1, createdAt: expect.any(String) }])
      expect(textOf(yield* secrets.reveal(reading))).toBe("v1")
    }).pipe(Effect.provide(vault()))
  )
})
