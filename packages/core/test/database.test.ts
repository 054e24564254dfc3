import { it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { Database, type Migration, migrate, SchemaMismatch } from "../src/index.ts"

const first: Migration = {
  version: 1,
  name: "things",
  statements: ({ bytes, integer }) => [
    `CREATE TABLE things (id TEXT PRIMARY KEY, size ${integer} NOT NULL, body ${bytes} NOT NULL)`
  ]
}

describe.each(databases)("$name", ({ layer }) => {
  it.effect("keeps text, whole numbers and bytes as they are", () =>
    Effect.gen(function* () {
      const { sql } = yield* Database
      yield* migrate("things", [first])
      yield* sql`INSERT INTO things ${sql.insert({ id: "ü", size: 2 ** 40, body: new Uint8Array([0, 255]) })}`
      const rows = yield* sql<{ id: string; size: number | bigint; body: Uint8Array }>`SELECT * FROM things`
      expect(rows.map((row) => [row.id, Number(row.size), [...row.body]])).toEqual([["ü", 2 ** 40, [0, 255]]])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("a failed transaction leaves nothing behind", () =>
    Effect.gen(function* () {
      const { sql, transaction } = yield* Database
      yield* migrate("things", [first])
      const insert = sql`INSERT INTO things ${sql.insert({ id: "a", size: 1, body: new Uint8Array() })}`
      yield* transaction(Effect.andThen(insert, Effect.fail("no"))).pipe(Effect.flip)
      expect(yield* sql`SELECT * FROM things`).toEqual([])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("shared transactions commit together, and what breaks in one is undone alone", () =>
    Effect.gen(function* () {
      const { sql, shared, transaction } = yield* Database
      yield* migrate("things", [first])
      const insert = (id: string) => sql`INSERT INTO things ${sql.insert({ id, size: 1, body: new Uint8Array() })}`
      const kept = (id: string) => Effect.as(Effect.orDie(insert(id)), id)
      const broken = Effect.andThen(Effect.orDie(insert("broken")), Effect.die("broken"))
      const ids = Array.from({ length: 20 }, (_, number) => `${number}`)
      const work = [...ids.map(kept), broken, kept("last")].map((each) => Effect.exit(shared(each)))
      const exits = yield* Effect.all(work, { concurrency: "unbounded" })
      expect(exits.map((exit) => (Exit.isSuccess(exit) ? exit.value : exit._tag))).toEqual([...ids, "Failure", "last"])
      expect(yield* sql`SELECT id FROM things`).toHaveLength(ids.length + 1)
      yield* transaction(Effect.andThen(shared(kept("undone")), Effect.fail("no"))).pipe(Effect.flip)
      expect(yield* sql`SELECT id FROM things`).toHaveLength(ids.length + 1)
    }).pipe(Effect.provide(layer()))
  )

  it.effect("a database migrated by a newer release is refused", () =>
    Effect.gen(function* () {
      yield* migrate("things", [first, { version: 2, name: "more", statements: () => ["CREATE TABLE more (id TEXT)"] }])
      const error = yield* Effect.flip(migrate("things", [first]))
      expect(error).toMatchObject(new SchemaMismatch({ package: "things", version: 2, reason: "newer" }))
    }).pipe(Effect.provide(layer()))
  )

  it.effect("a migration that was edited after its release is refused", () =>
    Effect.gen(function* () {
      yield* migrate("things", [first])
      const error = yield* Effect.flip(
        migrate("things", [{ ...first, statements: () => ["CREATE TABLE other (id TEXT)"] }])
      )
      expect(error).toMatchObject({ _tag: "SchemaMismatch", reason: "changed" })
    }).pipe(Effect.provide(layer()))
  )
})
