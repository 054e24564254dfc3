// The database that every package writes to: SQLite in a file, or PostgreSQL. Statements are the same on both.
import { Array as Arr, Context, Effect } from "effect"
import { sharing } from "./shared-transaction.ts"
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
    /**
     * A small transaction that shares its commit with others that come at the same time; inside a transaction, a savepoint. It must not
     * wait for anything but statements, and cannot be interrupted. What breaks in it undoes only it; a commit that
     * fails fails all.
     */
    shared<A, R>(effect: Effect.Effect<A, never, R>): Effect.Effect<A, never, R>
    /** Writes rows of one shape to a table, in their order. Call it inside a transaction. */
    readonly insertRows: InsertRows
  }
>()("fluxcybers/core/Database") {
  /** Wraps a client of `effect/sql`; `core/sqlite` and `core/postgres` have the ready layers. */
  static readonly fromClient = (
    sql: SqlClient.SqlClient,
    dialect: Dialect,
    insertRows: InsertRows = insertThrough(sql)
  ): Database["Service"] => {
    const transaction: Database["Service"]["transaction"] = (effect) =>
      orStorageFailure(sql.withTransaction(effect)) as typeof effect
    return Database.of({ sql, dialect, transaction, shared: sharing(sql, transaction), insertRows })
  }
}

/** Writes rows: of each the values of these columns, in this order. */
export type InsertRows = (rows: {
  readonly table: string
  readonly columns: ReadonlyArray<string>
  readonly values: ReadonlyArray<ReadonlyArray<string | number | Uint8Array | null>>
}) => Effect.Effect<void>

/** Keeps a statement well below the 32,766 parameters that SQLite takes, and the 65,535 of PostgreSQL. */
const ROWS_A_STATEMENT_MAX = 500

const insertThrough =
  (sql: SqlClient.SqlClient): InsertRows =>
  ({ table, columns, values }) =>
    orStorageFailure(
      Effect.forEach(
        Arr.chunksOf(values, ROWS_A_STATEMENT_MAX),
        (chunk) => {
          const rows = chunk.map((row) => Object.fromEntries(row.map((value, at) => [columns[at]!, value])))
          return sql`INSERT INTO ${sql(table)} ${sql.insert(rows as Arr.NonEmptyArray<Record<string, unknown>>)}`
        },
        { discard: true }
      )
    )
