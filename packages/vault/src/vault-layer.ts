// The whole vault in one layer, and its part that needs no audit log.
import type { AuditLog, Database, SchemaMismatch, SubjectCipher } from "@fluxcybers/core"
import { migrate } from "@fluxcybers/core"
import { Layer } from "effect"
import { type BlindIndex, blindIndexLayer } from "./blind-index.ts"
import type { KeyStore } from "./keys/key-store.ts"
import { type Keyring, keyringLayer, type WrongRootKey } from "./keys/keyring.ts"
import type { RootKey, RootKeyFailed } from "./keys/root-key.ts"
import type { KeyUnavailable } from "./keys/scope-keys.ts"
import { sqlKeyStore } from "./keys/sql-key-store.ts"
import { vaultMigrations } from "./migrations.ts"
import { subjectCipherLayer } from "./record-cipher.ts"
import { secretsLayer } from "./secrets/secrets-layer.ts"
import type { Secrets } from "./secrets.ts"
import { type StreamCipher, streamCipherLayer } from "./stream-cipher.ts"

/** Why a vault does not start. Nothing was changed. */
export type VaultStartFailure = SchemaMismatch | WrongRootKey | RootKeyFailed | KeyUnavailable

const migrated = Layer.effectDiscard(migrate("vault", vaultMigrations))

/** Keys in the database, and the ciphers on them. Brings the vault's tables up to date. */
export const keysLayer: Layer.Layer<
  SubjectCipher | StreamCipher | BlindIndex | Keyring | KeyStore,
  VaultStartFailure,
  Database | RootKey
> = Layer.mergeAll(subjectCipherLayer, streamCipherLayer, blindIndexLayer).pipe(
  Layer.provideMerge(keyringLayer()),
  Layer.provideMerge(sqlKeyStore),
  Layer.provide(migrated)
)

/** Keys, ciphers and secrets in the database. Brings the vault's tables up to date. */
export const vaultLayer: Layer.Layer<
  Secrets | SubjectCipher | StreamCipher | BlindIndex | Keyring | KeyStore,
  VaultStartFailure,
  Database | RootKey | AuditLog
> = secretsLayer.pipe(Layer.provideMerge(keysLayer))
