import { it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import {
  coreInventory,
  coreMigrations,
  Database,
  declareTable,
  migrate,
  technicalColumn,
  verifyInventory
} from "../src/index.ts"

it("a field without a declaration is a defect of the program", () => {
  const row = Schema.Struct({ id: technicalColumn(Schema.String), email: Schema.String })
  expect(() => declareTable("people", row)).toThrow("people.email has no inventory declaration")
})

describe.each(databases)("$name", ({ layer }) => {
  it.effect("core's own columns are all declared", () =>
    Effect.gen(function* () {
      yield* migrate("core", coreMigrations)
      yield* verifyInventory(coreInventory)
    }).pipe(Effect.provide(layer()))
  )

  it.effect("an undeclared column is found, and so is a declared one that is missing", () =>
    Effect.gen(function* () {
      const { sql } = yield* Database
      yield* migrate("core", coreMigrations)
      yield* sql`CREATE TABLE people (id TEXT PRIMARY KEY, email TEXT)`
      const declared = declareTable(
        "people",
        Schema.Struct({ id: technicalColumn(Schema.String), age: technicalColumn(Schema.Int) })
      )
      const drift = yield* Effect.flip(verifyInventory([...coreInventory, declared]))
      expect(drift).toMatchObject({ undeclared: ["people.email"], missing: ["people.age"] })
      expect(drift.message).toContain("people.email")
    }).pipe(Effect.provide(layer()))
  )
})
