// Wrapped keys in the table `vault_keys`, on SQLite and PostgreSQL.
import { Database, OrganisationId, orStorageFailure } from "@fluxcybers/core"
import { Context, Effect, Layer, Schema } from "effect"
import { KeyRow } from "../rows.ts"
import { type KeyScope, scopeColumns } from "./key-scope.ts"
import { KeyStore, type StoredKey } from "./key-store.ts"

/** The key store in the `Database`. Run `vaultMigrations` before. */
export const sqlKeyStore: Layer.Layer<KeyStore, never, Database> = Layer.effect(
  KeyStore,
  Effect.gen(function* () {
    const { sql } = yield* Database
    return KeyStore.of({
      newest: (scope) =>
        sql`SELECT * FROM vault_keys WHERE ${sql.and(inScope(sql, scope))} ORDER BY version DESC LIMIT 1`.pipe(
          orStorageFailure,
          Effect.flatMap(onlyKey)
        ),
      versions: (scope) =>
        sql`SELECT * FROM vault_keys WHERE ${sql.and(inScope(sql, scope))} ORDER BY version DESC`.pipe(
          orStorageFailure,
          Effect.flatMap((rows) => Effect.forEach(rows, decodeKey))
        ),
      byId: (id) => sql`SELECT * FROM vault_keys WHERE id = ${id}`.pipe(orStorageFailure, Effect.flatMap(onlyKey)),
      add: (key) =>
        sql`INSERT INTO vault_keys ${sql.insert(rowOf(key))}
          ON CONFLICT (scope_kind, organisation, subject, version) DO NOTHING`.pipe(Effect.asVoid, orStorageFailure),
      rootKeys: sql<{ wrapped_by: string }>`SELECT DISTINCT wrapped_by FROM vault_keys
        WHERE scope_kind IN ('organisation', 'system') AND state <> 'destroyed' ORDER BY wrapped_by`.pipe(
        orStorageFailure,
        Effect.map((rows) => rows.map((row) => row.wrapped_by))
      ),
      isTentative: Effect.withFiber((fiber) =>
        Effect.succeed(Context.getOption(fiber.context, sql.transactionService)._tag === "Some")
      )
    })
  })
)

const inScope = (sql: Database["Service"]["sql"], scope: KeyScope) =>
  Object.entries(scopeColumns(scope)).map(([name, value]) => sql`${sql(name)} = ${value}`)

const onlyKey = ([row]: ReadonlyArray<unknown>) => (row === undefined ? Effect.undefined : decodeKey(row))

/** A row that no release of ours wrote is broken storage. */
export const decodeKey = (row: unknown) => Effect.map(decode(row), storedKey)

const decode = (row: unknown) => Effect.orDie(Schema.decodeUnknownEffect(KeyRow)(row))

const storedKey = (row: KeyRow): StoredKey => ({
  id: row.id,
  version: row.version,
  scope: scopeOf(row),
  state: row.state,
  wrappedBy: row.wrapped_by,
  wrapped: row.state === "destroyed" ? undefined : (row.wrapped ?? undefined),
  createdAt: row.created_at
})

const scopeOf = ({ scope_kind: kind, ...row }: KeyRow): KeyScope => {
  if (kind === "system") return { kind }
  const organisation = OrganisationId.make(row.organisation)
  return kind === "subject" ? { kind, organisation, subject: row.subject } : { kind, organisation }
}

export const rowOf = (key: StoredKey) => ({
  id: key.id,
  ...scopeColumns(key.scope),
  version: key.version,
  state: key.state,
  wrapped_by: key.wrappedBy,
  wrapped: key.wrapped ?? null,
  created_at: key.createdAt
})
