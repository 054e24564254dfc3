// The whole vault in one layer, and its part that needs no audit log.
import type { AuditLog, Database, SchemaMismatch, SubjectCipher } from "@fluxcybers/core"
import { migrate } from "@fluxcybers/core"
import { Effect, Layer } from "effect"
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
import type { ErasureJournalFailed } from "./shredding/erasure-journal.ts"
import { evictionsLayer } from "./shredding/evictions.ts"
import { replayErasures } from "./shredding/replay.ts"
import { shreddingLayer } from "./shredding/shredding-layer.ts"
import type { Shredding, ShreddingRefused } from "./shredding.ts"
import { type StreamCipher, streamCipherLayer } from "./stream-cipher.ts"

/** Why a vault does not start. Nothing was changed. */
export type VaultStartFailure =
  | SchemaMismatch
  | WrongRootKey
  | RootKeyFailed
  | KeyUnavailable
  | ErasureJournalFailed
  | ShreddingRefused

/** The journal is replayed before there is a keyring: an older copy of the database serves nothing that was erased since. */
const migrated = Layer.effectDiscard(Effect.andThen(migrate("vault", vaultMigrations), replayErasures))

/** Keys in the database, and the ciphers on them. Brings the vault's tables up to date. */
export const keysLayer: Layer.Layer<
  SubjectCipher | StreamCipher | BlindIndex | Keyring | KeyStore,
  VaultStartFailure,
  Database | RootKey
> = Layer.mergeAll(subjectCipherLayer, streamCipherLayer, blindIndexLayer, evictionsLayer).pipe(
  Layer.provideMerge(keyringLayer()),
  Layer.provideMerge(sqlKeyStore),
  Layer.provide(migrated)
)

/** Keys, ciphers, secrets and shredding in the database. Brings the vault's tables up to date. */
export const vaultLayer: Layer.Layer<
  Secrets | Shredding | SubjectCipher | StreamCipher | BlindIndex | Keyring | KeyStore,
  VaultStartFailure,
  Database | RootKey | AuditLog
> = Layer.merge(secretsLayer, shreddingLayer).pipe(Layer.provideMerge(keysLayer))
