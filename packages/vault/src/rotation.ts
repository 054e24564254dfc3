// Rotation: the root key wraps every key anew; a scope gets a new key version, and what the older one sealed is sealed anew.
import type { Actor, OrganisationId } from "@fluxcybers/core"
import { Context, type Effect, Schema } from "effect"
import type { KeyId } from "./blob/sealed-blob.ts"
import type { RootKeyDescription, RootKeyFailed } from "./keys/root-key.ts"
import type { KeyUnavailable } from "./keys/scope-keys.ts"

/** What was refused about keys. Nothing was changed. */
export class RotationRefused extends Schema.TaggedError<RotationRefused>()("RotationRefused", {
  reason: Schema.Literals([
    "running",
    "no-key",
    "changed",
    "last-version",
    "unknown-key",
    "current",
    "in-use",
    "too-soon"
  ]),
  /** What keeps a version in use. */
  uses: Schema.optionalKey(Schema.Int)
}) {
  override get message() {
    return `${REFUSALS[this.reason].replace("%", String(this.uses ?? 0))} Nothing was changed.`
  }
}

const REFUSALS = {
  running: "This rotation is running already. See its progress with: keys status.",
  "no-key": "There is no key to rotate: nothing was sealed yet, or it was destroyed.",
  changed: "Somebody else rotated this key at the same moment.",
  "last-version": "This key has had 65,535 versions, which is the last.",
  "unknown-key": "There is no key version of this id here that could be retired. See them with: keys status.",
  current: "This is the version that seals what is new. Rotate first.",
  "in-use": "% values or keys still need this version. Wait for the rotation to end, see: keys status.",
  "too-soon": "A value that was being written when the key was rotated may not be stored yet. Try again in a minute."
} as const

/** Which key: the root key's wrapping of all keys, the organisation's own, a data subject's, or that of the organisation's blind indexes. */
export type RotationScope =
  | { readonly kind: "root" }
  | { readonly kind: "organisation" | "index" }
  | { readonly kind: "subject"; readonly subject: string }

/** What is rotated, and who asks. */
export interface RotationRequest {
  readonly organisation: OrganisationId
  readonly actor: Actor
  readonly scope: RotationScope
}

/** How far a rotation is. */
export interface RotationProgress {
  /** `rotation_…`: the object of its audit entries. */
  readonly id: string
  readonly scope: RotationScope["kind"]
  readonly state: "running" | "completed"
  /** Keys and values, counted when it began; what is written meanwhile comes on top. */
  readonly total: number
  readonly done: number
  /** What did not open: it was altered, and stays as it is. `verify` says where. */
  readonly failed: number
  readonly startedAt: string
  readonly completedAt?: string
}

/** A version of the organisation's key, or of its index key. */
export interface KeyVersion {
  readonly id: KeyId
  readonly version: number
  readonly state: "current" | "retired" | "destroyed"
  readonly createdAt: string
  /** Values and keys that only this version opens. */
  readonly uses: number
}

/** Keys, counted and described; never a key. */
export interface KeyStatus {
  readonly rootKey: RootKeyDescription
  readonly previousRootKeys: ReadonlyArray<RootKeyDescription>
  /** How many keys each root key wraps, in the whole database. */
  readonly wrappedBy: ReadonlyArray<{ readonly rootKey: string; readonly keys: number }>
  /** The organisation's key, the newest version first. */
  readonly versions: ReadonlyArray<KeyVersion>
  /** The key of the organisation's blind indexes, the newest version first; its uses are tokens. */
  readonly indexVersions: ReadonlyArray<KeyVersion>
  /** The newest first, at most 10. */
  readonly rotations: ReadonlyArray<RotationProgress>
}

/** What a check of one sealed column found, in the whole database. */
export interface ColumnFindings {
  readonly table: string
  readonly column: string
  readonly values: number
  /** No sealed value at all. */
  readonly malformed: number
  /** Their key is not in the database. */
  readonly keyUnknown: number
  /** Their key was destroyed, as it should be after a shredding. */
  readonly keyDestroyed: number
  /** Values that were opened: a sample of at most 100, unless all were asked for. */
  readonly opened: number
  /** Of those, the ones that did not open. */
  readonly altered: number
}

/**
 * What the organisation's rows say, held against the audit log. Ids are named, at most 20 of each. Whoever owns the database can set
 * rows back, but not the log: verify that too, with its witnesses.
 */
export interface EvidenceFindings {
  readonly secrets: number
  /** The log tells of a newer version, or of the destruction of one that is there again. */
  readonly secretsRolledBack: ReadonlyArray<string>
  /** The log tells of them, and they are not there. */
  readonly secretsMissing: ReadonlyArray<string>
  /** The log tells nothing of them: their entries were purged. Rotate them to have evidence again. */
  readonly secretsWithoutEntry: number
  /** Keys that the log says were destroyed. */
  readonly keysDestroyed: number
  /** Of those, the ones that are there again. */
  readonly keysBroughtBack: ReadonlyArray<string>
  /** Shreddings that the log tells of. */
  readonly shreddings: number
  /** Of those, the ones that the database does not know. */
  readonly shreddingsMissing: ReadonlyArray<string>
}

/** How far a verification is: sealed values that were looked at, of all that there are. */
export interface KeyVerificationProgress {
  readonly values: number
  readonly of: number
}

/** Which verification, and who asks. */
export interface KeyVerificationRequest extends Omit<RotationRequest, "scope"> {
  /** Without the audit entry. */
  readonly isTrial?: boolean
  /** Opens every value, not a sample. */
  readonly isComplete?: boolean
  /** Called after every page of a hundred values, or after the sample of a column. */
  readonly onProgress?: (progress: KeyVerificationProgress) => void
}

/** What `verify` found. */
export interface KeyFindings {
  readonly columns: ReadonlyArray<ColumnFindings>
  readonly evidence: EvidenceFindings
  /** Wrapped keys that were unwrapped: the organisation's own. */
  readonly keysOpened: number
  readonly keysAltered: number
  readonly isSound: boolean
}

/**
 * `begin` starts a rotation and returns at once; it goes on beside everything else, and after a crash at the next start. What is new is
 * sealed under the new version from then on, on other nodes within a second. `plan` says how much `begin` would have to do.
 *
 * - root: every key that an older root key wraps is wrapped by the newest one. Values are not touched.
 * - organisation, subject: a new version seals; keys and values under the older one are wrapped and sealed anew.
 *
 * - index: tokens of the columns that are listed as indexed are made anew from their sealed values. Look-ups find both meanwhile.
 *
 * `retire` destroys an older version of the organisation's key or of its index key, once nothing needs it: what was exported under it no
 * longer opens.
 *
 * Audit entries: `key.rotated` (intent, success), `key.retired`, `key.verified`.
 */
export class KeyRotation extends Context.Service<
  KeyRotation,
  {
    /** The newest first, at most 10: how far they are, without counting anything. */
    rotations(organisation: OrganisationId): Effect.Effect<ReadonlyArray<RotationProgress>>
    /** Counts keys and values: seconds where there are millions. */
    status(organisation: OrganisationId): Effect.Effect<KeyStatus, RootKeyFailed>
    plan(request: RotationRequest): Effect.Effect<{ readonly total: number }, RotationRefused>
    begin(request: RotationRequest): Effect.Effect<RotationProgress, RotationRefused | RootKeyFailed | KeyUnavailable>
    /** `isTrial`: refuses as it would, and changes nothing. */
    retire(
      request: Omit<RotationRequest, "scope"> & { readonly key: KeyId; readonly isTrial?: boolean }
    ): Effect.Effect<KeyVersion, RotationRefused>
    verify(request: KeyVerificationRequest): Effect.Effect<KeyFindings>
  }
>()("fluxcybers/vault/KeyRotation") {}
