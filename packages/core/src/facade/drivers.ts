// Drivers are loaded when they are named: whoever uses none installs none.
import { type Layer, Redacted } from "effect"
import type { Database } from "../database/database.ts"

/** Where a facade keeps its data: the path of a SQLite file, or a `postgres://` URL. */
export type DatabaseChoice = { readonly sqlite: string } | { readonly postgres: string }

/** The layer of the chosen database. Rejects when its driver is not installed. */
export const loadDatabase = async (choice: DatabaseChoice): Promise<Layer.Layer<Database>> => {
  if ("sqlite" in choice) {
    const { sqliteLayer } = await loadDriver(() => import("../database/sqlite.ts"), "better-sqlite3")
    return sqliteLayer({ filename: choice.sqlite })
  }
  const { postgresLayer } = await loadDriver(() => import("../database/postgres.ts"), "@effect/sql-pg")
  return postgresLayer({ url: Redacted.make(choice.postgres) })
}

/** Loads a module that needs an optional package; rejects with the command that installs it. */
export const loadDriver = async <A>(load: () => Promise<A>, packageName: string): Promise<A> => {
  try {
    return await load()
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND")) throw cause
    throw new Error(`This needs a package that is not installed. Run: npm install ${packageName}`, { cause })
  }
}
