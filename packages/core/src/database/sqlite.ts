// SQLite through better-sqlite3: one connection, one permit, WAL, BEGIN IMMEDIATE, fsync on every commit.
import BetterSqlite from "better-sqlite3"
import { Context, Effect, Layer, Scope, Semaphore, Stream } from "effect"
import { Reactivity } from "effect/reactivity"
import { SqlClient as Client, type SqlConnection, Statement } from "effect/sql"
import * as SqlError from "effect/sql/SqlError"
import { Database, type InsertRows } from "./database.ts"
import { orStorageFailure } from "./storage-failure.ts"

const BUSY_TIMEOUT_MS = 5_000
const STATEMENTS_MAX = 200

/** Where a SQLite database is, and whether it may be written. */
export interface SqliteOptions {
  /** Path of the database file, or `:memory:`. */
  readonly filename: string
  /** Opens an existing file without ever writing to it. */
  readonly readonly?: boolean
}

/** Direct access for hot paths: runs synchronous better-sqlite3 code on the connection, within an open transaction if there is one. */
export class SqliteConnection extends Context.Service<
  SqliteConnection,
  {
    use<A>(work: (connection: BetterSqlite.Database) => A): Effect.Effect<A>
    /** Writes a consistent copy while others go on writing. */
    backup(destination: string): Effect.Effect<void>
  }
>()("fluxcybers/core/SqliteConnection") {}

/** A `Database` on one SQLite file. The file is created when it is missing. */
export const sqliteLayer = (options: SqliteOptions): Layer.Layer<Database | SqliteConnection> =>
  Layer.effectContext(orStorageFailure(open(options))).pipe(Layer.provide(Reactivity.layer))

const open = Effect.fnUntraced(function* (options: SqliteOptions) {
  const handle = yield* connect(options)
  const prepare = statementCache(handle)
  const connection = sqlConnection(handle, prepare)
  const semaphore = yield* Semaphore.make(1)
  const acquirers = Client.makeSqliteAcquirers({
    connection: Effect.succeed(connection),
    semaphore,
    isTransaction: () => handle.inTransaction
  })
  const sql = yield* Client.make({
    ...acquirers,
    compiler: Statement.makeCompilerSqlite(),
    driver: "better-sqlite3",
    // A deferred transaction that becomes a writer later can fail with SQLITE_BUSY without waiting.
    beginTransaction: "BEGIN IMMEDIATE",
    prepareTransactionControls: true,
    releaseSavepoint: (name) => `RELEASE SAVEPOINT ${name}`,
    spanAttributes: [["db.system.name", "sqlite"]]
  })
  const use = <A>(work: (connection: BetterSqlite.Database) => A): Effect.Effect<A> =>
    Effect.withFiber((fiber) => {
      const direct = attempt("use", () => work(handle))
      const inTransaction = Context.getOption(fiber.context, sql.transactionService)._tag === "Some"
      return orStorageFailure(inTransaction ? direct : acquirers.borrower(() => direct))
    })
  // One prepared statement, run for each row: on SQLite faster than one statement with all of them.
  const insertRows: InsertRows = ({ table, columns, values }) => {
    const text = `INSERT INTO "${table}" ("${columns.join('", "')}") VALUES (${columns.map(() => "?").join(", ")})`
    return use(() => {
      const statement = prepare(text)
      for (const row of values) statement.run(row)
    })
  }
  const backup = (destination: string) =>
    orStorageFailure(
      Effect.tryPromise({ try: () => handle.backup(destination), catch: sqlError("backup") }).pipe(Effect.asVoid)
    )
  return Context.make(Database, Database.fromClient(sql, "sqlite", insertRows)).pipe(
    Context.add(SqliteConnection, SqliteConnection.of({ use, backup }))
  )
})

const connect = Effect.fnUntraced(function* (options: SqliteOptions) {
  const scope = yield* Effect.scope
  const handle = yield* attempt("open", () => {
    const opened = new BetterSqlite(options.filename, { readonly: options.readonly ?? false, timeout: BUSY_TIMEOUT_MS })
    if (options.readonly !== true) {
      opened.pragma("journal_mode = WAL")
      opened.pragma("synchronous = FULL")
    }
    opened.pragma("foreign_keys = ON")
    // Without this REPLACE removes rows past the triggers that keep the audit log append-only.
    opened.pragma("recursive_triggers = ON")
    // Deleted rows are overwritten: what was erased must not be readable in the file.
    opened.pragma("secure_delete = ON")
    return opened
  })
  yield* Scope.addFinalizer(
    scope,
    Effect.sync(() => handle.close())
  )
  return handle
})

type Prepare = (sql: string) => BetterSqlite.Statement

const statementCache = (handle: BetterSqlite.Database): Prepare => {
  const prepared = new Map<string, BetterSqlite.Statement>()
  return (sql) => {
    const known = prepared.get(sql)
    if (known !== undefined) return known
    const statement = handle.prepare(sql)
    const oldest = prepared.keys().next().value
    if (prepared.size >= STATEMENTS_MAX && oldest !== undefined) prepared.delete(oldest)
    prepared.set(sql, statement)
    return statement
  }
}

const sqlConnection = (handle: BetterSqlite.Database, prepare: Prepare): SqlConnection.Connection => {
  const run = (sql: string, params: ReadonlyArray<unknown>, mode: RunMode) =>
    Effect.withFiber<Rows, SqlError.SqlError>((fiber) =>
      attempt("execute", () => {
        const statement = mode.isCached ? prepare(sql) : handle.prepare(sql)
        const bound = params.map(bindable)
        if (!statement.reader) {
          const changes = statement.run(...bound)
          return mode.result === "raw" ? (changes as unknown as Rows) : []
        }
        statement.safeIntegers(Context.get(fiber.context, Client.SafeIntegers))
        return statement.raw(mode.result === "values").all(...bound) as Rows
      })
    )
  const rows =
    (isCached: boolean): SqlConnection.Connection["execute"] =>
    (sql, params, transform) => {
      const result = run(sql, params, { isCached, result: "rows" })
      return transform ? Effect.map(result, transform) : result
    }
  return {
    execute: rows(true),
    executeUnprepared: rows(false),
    executeRaw: (sql, params) => run(sql, params, { isCached: true, result: "raw" }),
    executeValues: (sql, params) => run(sql, params, { isCached: true, result: "values" }),
    executeValuesUnprepared: (sql, params) => run(sql, params, { isCached: false, result: "values" }),
    executeStream: (sql, params, transform) =>
      // The lease is held by the stream's scope, so a plain iterator is safe.
      Stream.suspend(() =>
        Stream.fromIterable(handle.prepare(sql).iterate(...params.map(bindable)) as Iterable<object>)
      ).pipe(
        Stream.catchDefect((defect) => Stream.fail(sqlError("stream")(defect))),
        (stream) => (transform ? Stream.map(stream, (row) => transform([row])[0]) : stream)
      )
  }
}

/** What `effect/sql` takes as the result of a statement: it trusts its driver. */
type Rows = Effect.Success<ReturnType<SqlConnection.Connection["executeUnprepared"]>> &
  Effect.Success<ReturnType<SqlConnection.Connection["executeValues"]>>

interface RunMode {
  readonly isCached: boolean
  readonly result: "rows" | "values" | "raw"
}

/** better-sqlite3 binds neither booleans nor undefined nor dates. */
const bindable = (value: unknown): unknown => {
  if (value === undefined) return null
  if (typeof value === "boolean") return value ? 1 : 0
  return value instanceof Date ? value.toISOString() : value
}

const sqlError = (operation: string) => (cause: unknown) =>
  new SqlError.SqlError({
    reason: SqlError.classifySqliteError(cause, { message: `SQLite: ${operation} failed`, operation })
  })

const attempt = <A>(operation: string, work: () => A): Effect.Effect<A, SqlError.SqlError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(work())
    } catch (cause) {
      return Effect.fail(sqlError(operation)(cause))
    }
  })
