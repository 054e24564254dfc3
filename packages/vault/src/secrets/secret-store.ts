// The statements on `vault_secrets` and `vault_secret_versions`.
import { Database, idText, newId, type OrganisationId, orStorageFailure } from "@fluxcybers/core"
import { Effect, Schema } from "effect"
import { SecretRow, SecretVersionRow } from "../rows.ts"

const SecretId = idText("secret").pipe(Schema.brand("secret"))

/** Which secret, by whose name for it. */
export interface SecretKey {
  readonly organisation: OrganisationId
  readonly name: string
}

export interface NewVersion {
  readonly secret: string
  readonly version: number
  readonly sealed: Uint8Array
  readonly createdAt: string
  readonly expiresAt: string | null
}

const SecretVersion = Schema.Struct({ id: Schema.String, version: SecretRow.fields.version })
export type SecretVersion = typeof SecretVersion.Type

/** An active secret with the expiry of its current version. */
const ActiveSecret = Schema.Struct({ ...SecretRow.fields, expires_at: SecretVersionRow.fields.expires_at })
export type ActiveSecret = typeof ActiveSecret.Type

export type SecretStore = ReturnType<typeof secretStore>

export const secretStore = (database: Database["Service"]) => ({
  ...reads(database),
  ...writes(database)
})

const reads = ({ sql }: Database["Service"]) => ({
  find: ({ organisation, name }: SecretKey) =>
    sql`SELECT * FROM vault_secrets WHERE organisation = ${organisation} AND name = ${name}`.pipe(first(SecretRow)),

  findActive: ({ organisation, name }: SecretKey) =>
    sql`SELECT s.*, v.expires_at FROM vault_secrets s
      JOIN vault_secret_versions v ON v.secret_id = s.id AND v.version = s.version
      WHERE s.organisation = ${organisation} AND s.name = ${name} AND s.state = 'active'`.pipe(first(ActiveSecret)),

  list: (organisation: OrganisationId) =>
    sql`SELECT s.*, v.expires_at FROM vault_secrets s
      JOIN vault_secret_versions v ON v.secret_id = s.id AND v.version = s.version
      WHERE s.organisation = ${organisation} AND s.state = 'active' ORDER BY s.name`.pipe(all(ActiveSecret)),

  count: (organisation: OrganisationId) =>
    sql<{ n: number | bigint }>`SELECT COUNT(*) AS n FROM vault_secrets
      WHERE organisation = ${organisation} AND state = 'active'`.pipe(
      orStorageFailure,
      Effect.map(([row]) => Number(row?.n))
    ),

  findVersion: ({ id, version }: SecretVersion) =>
    sql`SELECT * FROM vault_secret_versions WHERE secret_id = ${id} AND version = ${version}`.pipe(
      first(SecretVersionRow)
    )
})

const writes = ({ sql }: Database["Service"]) => ({
  /** Makes the secret, or takes the name of a destroyed one on with its next version. Nothing when there is an active one. */
  claim: Effect.fnUntraced(function* ({ organisation, name }: SecretKey, now: string) {
    const id = yield* newId(SecretId, "secret")
    const created = { id, organisation, name, version: 1, state: "active", created_at: now }
    return yield* sql`INSERT INTO vault_secrets ${sql.insert(created)}
      ON CONFLICT (organisation, name) DO UPDATE SET version = vault_secrets.version + 1, state = 'active', created_at = ${now},
        rotated_at = NULL, destroyed_at = NULL, last_revealed_at = NULL
      WHERE vault_secrets.state = 'destroyed' RETURNING id, version`.pipe(first(SecretVersion))
  }),

  /** Takes the next version of an active secret. */
  advance: ({ organisation, name }: SecretKey, now: string) =>
    sql`UPDATE vault_secrets SET version = version + 1, rotated_at = ${now}
      WHERE organisation = ${organisation} AND name = ${name} AND state = 'active' RETURNING id, version`.pipe(
      first(SecretVersion)
    ),

  setVersion: ({ id, version }: SecretVersion) =>
    sql`UPDATE vault_secrets SET version = ${version} WHERE id = ${id}`.pipe(orStorageFailure, Effect.asVoid),

  insertVersion: ({ secret, version, sealed, createdAt, expiresAt }: NewVersion) =>
    sql`INSERT INTO vault_secret_versions ${sql.insert({
      secret_id: secret,
      version,
      sealed,
      created_at: createdAt,
      expires_at: expiresAt
    })}`.pipe(orStorageFailure, Effect.asVoid),

  /** Notes the reveal of a version. False when it is no longer there. */
  noteReveal: ({ id, version }: SecretVersion, now: string) =>
    sql`UPDATE vault_secrets SET last_revealed_at = ${now} WHERE id = ${id} AND state = 'active'
      AND EXISTS (SELECT 1 FROM vault_secret_versions WHERE secret_id = ${id} AND version = ${version}) RETURNING id`.pipe(
      orStorageFailure,
      Effect.map((rows) => rows.length === 1)
    ),

  /** Deletes the ciphertext of every version; the name and the number of the last version stay. Nothing when none is active. */
  destroy: Effect.fnUntraced(function* ({ organisation, name }: SecretKey, now: string) {
    const destroyed = yield* sql`UPDATE vault_secrets SET state = 'destroyed', destroyed_at = ${now}
      WHERE organisation = ${organisation} AND name = ${name} AND state = 'active' RETURNING id, version`.pipe(
      first(SecretVersion)
    )
    if (destroyed !== undefined) {
      yield* orStorageFailure(sql`DELETE FROM vault_secret_versions WHERE secret_id = ${destroyed.id}`)
    }
    return destroyed
  })
})

/** A row that no release of ours wrote is broken storage. */
const all =
  <A, I>(schema: Schema.Codec<A, I>) =>
  <E, R>(rows: Effect.Effect<ReadonlyArray<unknown>, E, R>) =>
    Effect.flatMap(orStorageFailure(rows), (found) =>
      Effect.orDie(Schema.decodeUnknownEffect(Schema.Array(schema))(found))
    )

const first =
  <A, I>(schema: Schema.Codec<A, I>) =>
  <E, R>(rows: Effect.Effect<ReadonlyArray<unknown>, E, R>) =>
    Effect.map(all(schema)(rows), ([row]) => row)
