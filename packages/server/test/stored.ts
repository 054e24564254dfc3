// What a server has stored: its database beside it, and every byte of it for searches.
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Database, orStorageFailure } from "@fluxcybers/core"
import { postgresLayer } from "@fluxcybers/core/postgres"
import { sqliteLayer } from "@fluxcybers/core/sqlite"
import { Effect, Layer } from "effect"
import type { Settings } from "../src/configuration.ts"

/** Runs a statement on the server's database, over a connection of its own. */
export const onDatabase = (settings: Settings, statement: string) =>
  Effect.flatMap(Database, ({ sql }) => orStorageFailure(sql.unsafe(statement))).pipe(
    Effect.provide(databaseOf(settings))
  )

const databaseOf = ({ databaseUrl, directory }: Settings): Layer.Layer<Database> =>
  databaseUrl === undefined
    ? sqliteLayer({ filename: join(directory, "fluxcybers.db") })
    : postgresLayer({ url: databaseUrl, connectionsMax: 1 })

/** Every byte of the data directory (database, write-ahead log, keys) and every value in PostgreSQL, as Latin-1. */
export const storedText = (settings: Settings) =>
  Effect.map(Effect.provide(everyValue, databaseOf(settings)), (values) =>
    [
      ...readdirSync(settings.directory).map((name) => readFileSync(join(settings.directory, name), "latin1")),
      values
    ].join("\n")
  )

const everyValue = Effect.gen(function* () {
  const { sql, dialect } = yield* Database
  if (dialect === "sqlite") return ""
  const tables = yield* sql<{ name: string }>`SELECT table_name::text AS name FROM information_schema.tables
    WHERE table_schema = current_schema()`
  const rows = yield* Effect.forEach(tables, ({ name }) => sql`SELECT * FROM ${sql(name)}`)
  return rows
    .flat()
    .flatMap((row) => Object.values(row).map(asText))
    .join("\n")
}).pipe(orStorageFailure)

const asText = (value: unknown): string =>
  value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : String(value)
