export * from "./actor.ts"
export type { ErasedSubject } from "./audit/alias-store.ts"
export * from "./audit/audit-log.ts"
export { type AuditLogOptions, auditLogLayer } from "./audit/audit-log-layer.ts"
export type { Checkpoint } from "./audit/checkpoint.ts"
export { type Cosigner, generateCosignerKey, parseCosignerKey, parseWitnessKey } from "./audit/cosigner.ts"
export { DamagedLog } from "./audit/damaged-log.ts"
export { AuditAction, AuditEntry, type AuditEvent, AuditFact, AuditOutcome, type PersonalFacts } from "./audit/event.ts"
export { followCheckpoint, LogNotConsistent, type NextCheckpoint } from "./audit/follow.ts"
export { LogRolledBack } from "./audit/log-memory.ts"
export { coreMigrations } from "./audit/migrations.ts"
export { signatureLine } from "./audit/note.ts"
export {
  ephemeralSigningKey,
  generateSigningKey,
  InvalidKey,
  isKeyName,
  type NoteSigner,
  type NoteVerifier,
  parseSigningKey,
  parseVerifierKey,
  signingKeyText
} from "./audit/note-key.ts"
export { closeBy } from "./audit/open-actions.ts"
export { InvalidProof, verifyProof } from "./audit/proof.ts"
export { type LogResource, NoSuchResource } from "./audit/resource.ts"
export * from "./audit/retention.ts"
export { auditRetentionLayer } from "./audit/retention-layer.ts"
export { WrongLogKey } from "./audit/sequencer.ts"
export * from "./audit/slots.ts"
export { logPaths } from "./audit/tiles.ts"
export type { ProblemKind, VerificationProblem, VerificationProgress, VerificationReport } from "./audit/verify.ts"
export { type VerifyLogOptions, verifyLog } from "./audit/verify-log.ts"
export { InvalidPolicy, type PolicyWitness, parseWitnessPolicy, type WitnessPolicy } from "./audit/witness-policy.ts"
export {
  judgeWitnessRequest,
  NOTHING_WITNESSED,
  parseWitnessRequest,
  type WitnessedTree,
  type WitnessRequest,
  type WitnessVerdict
} from "./audit/witness-request.ts"
export * from "./authorization.ts"
export * from "./canonical-json.ts"
export { coreInventory } from "./core-inventory.ts"
export { BooleanColumn, BytesColumn, IntegerColumn } from "./database/column.ts"
export { Database, type Dialect } from "./database/database.ts"
export { type ColumnTypes, type Migration, migrate, SchemaMismatch } from "./database/migrate.ts"
export { orStorageFailure, StorageFailure, StorageReason } from "./database/storage-failure.ts"
export * from "./ids.ts"
export * from "./inventory.ts"
export * from "./mailer.ts"
export * from "./secret-reader.ts"
export * from "./signs-of-life.ts"
export * from "./subject-cipher.ts"
export * from "./subject-records.ts"
export { type AliasOpening, isOpening } from "./verifier/alias.ts"
export {
  APPROVAL_NAMESPACE,
  type ApprovalStatement,
  EXECUTION_SCOPE,
  statementBytes,
  statementChallenge
} from "./verifier/approval-statement.ts"
export { assertionCounter, assertionFault, type Passkey, type PasskeyAssertion } from "./verifier/passkey-assertion.ts"
export { parseSshKey, type SshKey, sshFingerprint, sshKeyBlob } from "./verifier/ssh-key.ts"
export {
  armorSshSignature,
  isSshSigned,
  parseSshSignature,
  type SshSignature,
  signedBytes
} from "./verifier/ssh-signature.ts"
export { Malformed, SshReader, sshString } from "./verifier/ssh-wire.ts"
