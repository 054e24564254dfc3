// Subpath `@fluxcybers/core/database`: the two databases.
export { BooleanColumn, BytesColumn, IntegerColumn } from "./column.ts"
export { Database, type Dialect } from "./database.ts"
export { type ColumnTypes, type Migration, migrate, SchemaMismatch } from "./migrate.ts"
export { type PostgresOptions, postgresLayer } from "./postgres.ts"
export { SqliteConnection, type SqliteOptions, sqliteLayer } from "./sqlite.ts"
export { orStorageFailure, StorageFailure, StorageReason } from "./storage-failure.ts"
