// Forward-only migrations, one list a package, each in a transaction and pinned by a checksum.
import { createHash } from "node:crypto"
import { DateTime, Effect, Schema } from "effect"
import { IntegerColumn } from "./column.ts"
import { Database, type Dialect } from "./database.ts"
import { orStorageFailure } from "./storage-failure.ts"

/** The column types that differ between the databases. */
export interface ColumnTypes {
  readonly dialect: Dialect
  readonly bytes: "BLOB" | "BYTEA"
  readonly integer: "INTEGER" | "BIGINT"
}

/** One step of a package's tables. */
export interface Migration {
  /** 1, 2, 3 … without gaps within one package. */
  readonly version: number
  readonly name: string
  /** The statements, in order. Once released, their text never changes. */
  readonly statements: (types: ColumnTypes) => ReadonlyArray<string>
}

/** The database was migrated by a newer release, or a released migration was edited. Nothing was changed. */
export class SchemaMismatch extends Schema.TaggedError<SchemaMismatch>()("SchemaMismatch", {
  package: Schema.String,
  version: Schema.Int,
  reason: Schema.Literals(["newer", "changed"])
}) {
  override get message() {
    return this.reason === "newer"
      ? `The database has version ${this.version} of the ${this.package} tables, newer than this release knows. Nothing was changed. Start the newer release, or restore a backup.`
      : `Migration ${this.version} of ${this.package} is not the one that this database was made with. Nothing was changed. Use an unmodified release.`
  }
}

const MIGRATIONS_TABLE = `CREATE TABLE IF NOT EXISTS core_migrations (
  package TEXT NOT NULL, version INTEGER NOT NULL, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at TEXT NOT NULL,
  PRIMARY KEY (package, version))`

/** Serialises migrating nodes on PostgreSQL; SQLite's write lock does it there. */
const MIGRATION_LOCK = 0x666c7578

/** Brings one package's tables to its newest version. Applied migrations are verified by checksum and skipped. */
export const migrate = Effect.fn("migrate")(function* (packageName: string, migrations: ReadonlyArray<Migration>) {
  const database = yield* Database
  const { sql, transaction } = database
  return yield* transaction(
    Effect.gen(function* () {
      if (database.dialect === "postgres") yield* sql`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK}::bigint)`
      yield* sql.unsafe(MIGRATIONS_TABLE)
      const applied = yield* appliedMigrations(packageName)
      for (const row of applied) yield* verify({ packageName, row, migrations, dialect: database.dialect })
      for (const migration of migrations.slice(applied.length)) yield* apply(packageName, migration)
    }).pipe(orStorageFailure)
  )
})

const AppliedMigration = Schema.Struct({ version: IntegerColumn, checksum: Schema.String })

const appliedMigrations = Effect.fnUntraced(function* (packageName: string) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT version, checksum FROM core_migrations WHERE package = ${packageName} ORDER BY version`
  return yield* Schema.decodeUnknownEffect(Schema.Array(AppliedMigration))(rows).pipe(Effect.orDie)
})

const verify = Effect.fnUntraced(function* (check: {
  readonly packageName: string
  readonly row: typeof AppliedMigration.Type
  readonly migrations: ReadonlyArray<Migration>
  readonly dialect: Dialect
}) {
  const { packageName, row } = check
  const known = check.migrations.find((migration) => migration.version === row.version)
  if (known === undefined) {
    return yield* new SchemaMismatch({ package: packageName, version: row.version, reason: "newer" })
  }
  if (checksum(known, check.dialect) !== row.checksum) {
    return yield* new SchemaMismatch({ package: packageName, version: row.version, reason: "changed" })
  }
})

const apply = Effect.fnUntraced(function* (packageName: string, migration: Migration) {
  const { sql, dialect } = yield* Database
  for (const statement of migration.statements(columnTypes(dialect))) yield* sql.unsafe(statement)
  yield* sql`INSERT INTO core_migrations ${sql.insert({
    package: packageName,
    version: migration.version,
    name: migration.name,
    checksum: checksum(migration, dialect),
    applied_at: DateTime.formatIso(yield* DateTime.now)
  })}`
})

const columnTypes = (dialect: Dialect): ColumnTypes =>
  dialect === "sqlite" ? { dialect, bytes: "BLOB", integer: "INTEGER" } : { dialect, bytes: "BYTEA", integer: "BIGINT" }

const checksum = (migration: Migration, dialect: Dialect): string =>
  createHash("sha256")
    .update(migration.statements(columnTypes(dialect)).join(";\n"))
    .digest("hex")
