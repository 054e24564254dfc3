// What a vault of promises can do.
import type { SecretSummary } from "../secret-summary.ts"
import type { ShreddingReceipt } from "../shredding.ts"
import type { ByteRange, RandomAccess } from "../stream/range.ts"
import type { ByteSource } from "../stream/transforms.ts"
import type { ActorInput } from "./actor.ts"
import type { Place } from "./place.ts"
import type { SecretValue } from "./secret-value.ts"

/** Where the vault keeps its keys and secrets, and where its two key files are. */
export type VaultOptions = VaultKeyFiles &
  (
    | {
        /** Path of an SQLite file, made when it is missing. Needs `better-sqlite3`. */
        readonly sqlite: string
      }
    | {
        /** `postgres://user:password@host:port/database`. Needs `@effect/sql-pg`. */
        readonly postgres: string
      }
  )

interface VaultKeyFiles {
  /** The root key: 32 random bytes, mode 0600. Without it nothing in the database opens: keep a copy apart from the database. */
  readonly rootKeyFile: string
  /** The key that signs the audit log; `<rootKeyFile>.log` unless told. */
  readonly logKeyFile?: string
  /** Which people's keys were destroyed, kept outside the database; `<rootKeyFile>.erasures` unless told. Back it up apart. */
  readonly erasureJournalFile?: string
  /** Makes missing key files, if the database is new too. */
  readonly createIfMissing?: boolean
}

/** Which secret, and who asks. */
export interface SecretInput {
  /** Lower-case letters, digits and `. _ / -`, at most 128 characters. */
  readonly name: string
  /** Left out by whoever has only one organisation. */
  readonly organisation?: string
  /** `{ system: "application" }` unless told. */
  readonly actor?: ActorInput
}

/** A new value for a secret. */
export interface SecretPut extends SecretInput {
  /** 1 byte to 64 KiB. */
  readonly value: string | Uint8Array
  /** ISO 8601 instant after which it is no longer revealed. */
  readonly expiresAt?: string
}

/** Whose keys are destroyed, and who asks. */
export interface ShredInput {
  /** The person's pseudonym. */
  readonly subject: string
  /** Left out by whoever has only one organisation. */
  readonly organisation?: string
  /** `{ system: "application" }` unless told. */
  readonly actor?: ActorInput
}

/** Named, versioned values. Every change and every reveal is in the audit log. */
export interface VaultSecrets {
  put(input: SecretPut): Promise<SecretSummary>
  rotate(input: SecretPut): Promise<SecretSummary>
  list(organisation?: string): Promise<ReadonlyArray<SecretSummary>>
  /** The summary of the version that a reveal gives. */
  current(input: SecretInput): Promise<SecretSummary>
  /** `purpose`: why it is read, kept in the log. `version`: the current one unless told. */
  reveal(input: SecretInput & { readonly purpose: string; readonly version?: number }): Promise<SecretValue>
  /** Deletes every version for good. */
  destroy(input: SecretInput): Promise<void>
}

/** A vault in a database. Close it, or let `await using` do so. */
export interface Vault extends AsyncDisposable {
  readonly secrets: VaultSecrets
  /** Seals a value for its place, under the organisation's key or the data subject's own: text of the form `fv1.…`. */
  seal(place: Place, value: string | Uint8Array): Promise<string>
  /** Rejects when the value was altered, moved to another place, or its key is gone. */
  open(place: Place, sealed: string): Promise<Uint8Array>
  /** The same for a value that is text. */
  openText(place: Place, sealed: string): Promise<string>
  /** Seals pieces of any size as one stream: `pipeline(source, (pieces) => vault.sealStream(place, pieces), target)`. */
  sealStream(place: Place, source: ByteSource): AsyncIterable<Uint8Array>
  /** Opens it again. A stream that was cut off throws at its end: use nothing of it before. */
  openStream(place: Place, sealed: ByteSource): AsyncIterable<Uint8Array>
  /** Opens a part of it, and makes sure that its end is where it was. */
  openRange(place: Place, sealed: RandomAccess, range: ByteRange): AsyncIterable<Uint8Array>
  /**
   * Destroys the keys of a person, for good: what was sealed for the subject can never be opened again, in the database or in any copy
   * of it, and the pseudonym never has a key again. Repeated, it gives the first receipt.
   */
  shred(input: ShredInput): Promise<ShreddingReceipt>
  close(): Promise<void>
}
