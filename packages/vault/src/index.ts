export * from "./blind-index.ts"
export {
  BLOB_OVERHEAD_BYTES,
  type BlobHeader,
  blobHeader,
  KeyId,
  MalformedBlob,
  PLAINTEXT_BYTES_MAX,
  type SealingKey,
  type Suite
} from "./blob/sealed-blob.ts"
export { blobFromText, blobToText } from "./blob/text.ts"
export { reseed } from "./cipher/nonce.ts"
export {
  createKeyFile,
  KeyFileError,
  type KeyFileOptions,
  readKeyFile,
  readOrCreateKeyFile,
  readPrivateFile
} from "./keys/key-file.ts"
export type { KeyName, KeyScope } from "./keys/key-scope.ts"
export { KeyStore, memoryKeyStore, type StoredKey } from "./keys/key-store.ts"
export { Keyring, keyringLayer, WrongRootKey } from "./keys/keyring.ts"
export { loadLogKey } from "./keys/log-key.ts"
export {
  RootKey,
  type RootKeyDescription,
  RootKeyFailed,
  type RootKeyProvider,
  rootKeysLayer
} from "./keys/root-key.ts"
export { rootKeyFileLayer } from "./keys/root-key-file.ts"
export { PASSPHRASE_LENGTH_MIN, type PassphraseOptions, rootKeyPassphraseLayer } from "./keys/root-key-passphrase.ts"
export { KeyUnavailable } from "./keys/scope-keys.ts"
export { sqlKeyStore } from "./keys/sql-key-store.ts"
export { vaultMigrations } from "./migrations.ts"
export { subjectCipherLayer } from "./record-cipher.ts"
export { keyRotationLayer } from "./rotation/rotation-layer.ts"
export type { SealedColumn } from "./rotation/sealed-column.ts"
export * from "./rotation.ts"
export { vaultInventory } from "./rows.ts"
export type { SecretSummary } from "./secret-summary.ts"
export { secretsLayer } from "./secrets/secrets-layer.ts"
export * from "./secrets.ts"
export { ErasureEntry, ErasureJournal, ErasureJournalFailed } from "./shredding/erasure-journal.ts"
export { erasureJournalFileLayer } from "./shredding/journal-file.ts"
export { shreddingLayer } from "./shredding/shredding-layer.ts"
export * from "./shredding.ts"
export { StreamCipher, streamCipherLayer } from "./stream-cipher.ts"
export { rootKeyTransitLayer } from "./transit/root-key-transit.ts"
export type { TransitOptions } from "./transit/transit-request.ts"
export { keysLayer, type VaultStartFailure, vaultLayer } from "./vault-layer.ts"
