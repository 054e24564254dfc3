// The databases that every storage suite runs on: `describe.each(databases)("$name", ({ layer }) => …)`. Each call of `layer()`
// is a new, empty database.
import { randomBytes } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { PgClient } from "@effect/sql-pg"
import type { Database } from "@fluxcybers/core"
import { Effect, Layer, Redacted, type Scope } from "effect"
import { Reactivity } from "effect/reactivity"
import { inject } from "vitest"
import { type Location, layerAt } from "./location.ts"

export { type Location, layerAt } from "./location.ts"

export interface TestDatabase {
  readonly name: string
  /** Makes an empty database and removes it when the scope closes. */
  readonly fresh: Effect.Effect<Location, never, Scope.Scope>
  /** Each call is another empty database. */
  // @effect-diagnostics-next-line lazyEffect:off
  readonly layer: () => Layer.Layer<Database>
}

const testDatabase = (name: string, fresh: TestDatabase["fresh"]): TestDatabase => ({
  name,
  fresh,
  layer: () => Layer.unwrap(Effect.map(fresh, layerAt))
})

const freshSqlite = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "fluxcybers-sqlite-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
).pipe(Effect.map((folder) => ({ sqlite: join(folder, "test.db") })))

const freshPostgres = (adminUrl: string): TestDatabase["fresh"] =>
  Effect.acquireRelease(
    Effect.suspend(() => {
      const name = `t_${randomBytes(8).toString("hex")}`
      return Effect.as(administer(adminUrl, `CREATE DATABASE ${name}`), name)
    }),
    (name) => administer(adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  ).pipe(Effect.map((name) => ({ postgres: adminUrl.replace(/postgres$/, name) })))

const administer = (url: string, statement: string) =>
  Effect.gen(function* () {
    const sql = yield* PgClient.make({ url: Redacted.make(url), maxConnections: 1 })
    yield* sql.unsafe(statement)
  }).pipe(Effect.scoped, Effect.provide(Reactivity.layer), Effect.orDie)

const systemUrl = inject("postgresSystemUrl")

/**
 * For suites of a whole server. It stores through the packages, whose own suites run on `databases`; the version of PostgreSQL matters
 * to them, and the main job tries it through the server.
 */
export const serverDatabases: ReadonlyArray<TestDatabase> = [
  testDatabase("SQLite", freshSqlite),
  testDatabase("PostgreSQL", freshPostgres(inject("postgresRegistryUrl")))
]

export const databases: ReadonlyArray<TestDatabase> = [
  ...serverDatabases,
  ...(systemUrl === undefined ? [] : [testDatabase("PostgreSQL of the system", freshPostgres(systemUrl))])
]
