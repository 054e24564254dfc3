// The database that every package writes to: SQLite in a file, or PostgreSQL. Statements are the same on both.
import { Context, Effect } from "effect"
import type { SqlClient } from "./sql.ts"
import { orStorageFailure } from "./storage-failure.ts"

/** The kind of database behind a `Database`. */
export type Dialect = "sqlite" | "postgres"

/**
 * A database with its dialect. `sql` is the statement builder of `effect/sql`; inside `transaction` every statement of the same
 * fiber belongs to the transaction (nested calls are savepoints). Inside a transaction: no network, no sleep. Storage failures
 * are defects (`StorageFailure`); the transaction is rolled back.
 */
export class Database extends Context.Service<
  Database,
  {
    readonly sql: SqlClient.SqlClient
    readonly dialect: Dialect
    transaction<A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R>
  }
>()("fluxcybers/core/Database") {
  /** Wraps a client of `effect/sql`; `core/sqlite` and `core/postgres` have the ready layers. */
  static readonly fromClient = (sql: SqlClient.SqlClient, dialect: Dialect): Database["Service"] =>
    Database.of({
      sql,
      dialect,
      transaction: (effect) => orStorageFailure(sql.withTransaction(effect)) as typeof effect
    })
}
