// The vault as promises: for whoever has never heard of Effect. What is rejected is always an Error with a `_tag` and, where there is
// more than one reason, a `reason`; its message says what happened and what to do.
import { loadDatabase, runAsPromise } from "@fluxcybers/core/facade"
import { makeSealer, type Sealer } from "./facade/sealer.ts"
import { startVault } from "./facade/start-vault.ts"
import type { Vault, VaultOptions } from "./facade/vault.ts"
import { createKeyFile } from "./keys/key-file.ts"
import { loadRootKeyFile } from "./keys/root-key-file.ts"

export type { ActorInput } from "./facade/actor.ts"
export type { Place } from "./facade/place.ts"
export {
  type ColumnCipher,
  type MigratedText,
  type MigrationOptions,
  type MigrationReport,
  type PlaintextMigration,
  PlaintextRefused,
  plaintextMigration,
  type ReplaceText,
  type Rows,
  type StoredText
} from "./facade/plaintext-migration.ts"
export type { Sealer, SealerPlace, StreamSealing } from "./facade/sealer.ts"
export { SecretValue } from "./facade/secret-value.ts"
export type { SecretInput, SecretPut, ShredInput, Vault, VaultOptions, VaultSecrets } from "./facade/vault.ts"
export type { SecretSummary } from "./secret-summary.ts"
export type { ShreddingReceipt } from "./shredding.ts"
export type { ByteRange, RandomAccess } from "./stream/range.ts"
export type { ByteSource } from "./stream/transforms.ts"

/** Makes a new root key: 32 random bytes in a file that only you can read. Never overwrites. Keep a copy apart from your data. */
export const createRootKey = (path: string): Promise<void> => runAsPromise(createKeyFile(path))

/** Seals and opens values with a root key file and nothing else. Rejects when the file is missing, readable by others, or no key. */
export const createSealer = async (options: { readonly rootKeyFile: string }): Promise<Sealer> =>
  makeSealer(await runAsPromise(loadRootKeyFile({ path: options.rootKeyFile })), options.rootKeyFile)

/** Opens (and at first makes) a vault in a database: secrets with an audit log, keys for organisations and people. */
export const openVault = async (options: VaultOptions): Promise<Vault> =>
  startVault(options, await loadDatabase(options))
