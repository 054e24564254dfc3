// Secrets: named, versioned values of an organisation, sealed at rest. Every reveal names its purpose and stands in the audit log.
import type { Actor, OrganisationId } from "@fluxcybers/core"
import { Context, type Effect, type Redacted, Schema } from "effect"
import type { SecretSummary } from "./secret-summary.ts"

/** How a secret may be called. */
export const SecretName = Schema.String.check(
  Schema.isPattern(/^[a-z0-9][a-z0-9._/-]{0,127}$/, {
    expected: "a secret name: lower-case letters, digits and . _ / -, at most 128 characters"
  })
)

/** Largest value of a secret. */
export const SECRET_BYTES_MAX = 64 * 1024
/** Secrets of one organisation, so that listing them stays bounded. */
export const SECRETS_MAX = 10_000
/** Characters of a purpose. */
export const PURPOSE_LENGTH_MAX = 200

/** What was refused, about which secret. Never carries a value. Nothing was changed. */
export class SecretError extends Schema.TaggedError<SecretError>()("SecretError", {
  /** Its name; empty when what was given is no name, which might be a value that was put in the wrong place. */
  secret: Schema.String,
  reason: Schema.Literals([
    "exists",
    "unknown",
    "destroyed",
    "expired",
    "version-unknown",
    "too-large",
    "empty",
    "invalid-name",
    "invalid-purpose",
    "invalid-expiry",
    "too-many",
    "cannot-open",
    "rolled-back"
  ])
}) {
  override get message() {
    return `${EXPLANATIONS[this.reason].replace("%", `"${this.secret}"`)} Nothing was changed.`
  }
}

const EXPLANATIONS = {
  exists: 'There is already a secret %. Use "rotate" to give it a new value.',
  unknown: 'There is no secret %. List them with "secret list".',
  destroyed: "Secret % was destroyed; its value is gone for ever.",
  expired: "Secret % has expired. Rotate it to a new value.",
  "version-unknown": "Secret % has no such version.",
  "too-large": `The value for % is larger than ${SECRET_BYTES_MAX} bytes.`,
  empty: "The value for % is empty.",
  "invalid-name": "This is not a secret name: use lower-case letters, digits and . _ / -, at most 128 characters.",
  "invalid-purpose": `Say why % is revealed, in 1 to ${PURPOSE_LENGTH_MAX} characters.`,
  "invalid-expiry": "The expiry of % is not an ISO 8601 instant in the future, like 2030-01-31T12:00:00Z.",
  "too-many": `There are ${SECRETS_MAX} secrets already. Destroy those that nobody needs, then put %.`,
  "cannot-open": "Secret % did not open: it was altered or moved, or the root key is another one.",
  "rolled-back":
    "The audit log knows newer versions of secret %: somebody set the database back. Find out who, then destroy it and put a new value."
} as const

/** Whose secret it is, who asks, and its name. */
export interface Named {
  readonly organisation: OrganisationId
  readonly actor: Actor
  readonly name: string
}

/**
 * Every change and every reveal writes its audit entry (`secret.put`, `secret.revealed`, `secret.rotated`, `secret.destroyed`)
 * in the same transaction; a reveal that was refused is there with the outcome `denied`. The log names a secret by its id, never by
 * its name. A value is given out only after its entry is committed.
 *
 * `put` makes a secret, also under the name of a destroyed one: versions then go on where they ended. `rotate` gives the next
 * version; older ones stay readable by number until `destroy`, which deletes the ciphertext of all of them for good.
 *
 * A secret whose newest version is older than the log says is `rolled-back`: it is neither revealed nor rotated, and only `destroy`
 * followed by `put` makes it whole.
 */
export class Secrets extends Context.Service<
  Secrets,
  {
    put(input: Named & PutValue): Effect.Effect<SecretSummary, SecretError>
    list(organisation: OrganisationId): Effect.Effect<ReadonlyArray<SecretSummary>>
    /** The summary of the current version: what a plan pins. */
    current(input: Omit<Named, "actor">): Effect.Effect<SecretSummary, SecretError>
    reveal(input: Named & RevealRequest): Effect.Effect<RevealedSecret, SecretError>
    rotate(input: Named & PutValue): Effect.Effect<SecretSummary, SecretError>
    destroy(input: Named): Effect.Effect<void, SecretError>
  }
>()("fluxcybers/vault/Secrets") {}

/** A value to seal, and until when it may be revealed. */
export interface PutValue {
  /** 1 byte to 64 KiB. */
  readonly value: Redacted.Redacted<Uint8Array>
  /** ISO 8601 instant after which it is no longer revealed. */
  readonly expiresAt?: string
}

/** A value, and which version it is. */
export interface RevealedSecret {
  readonly version: number
  readonly value: Redacted.Redacted<Uint8Array>
}

/** Why a value is read, and in which version. */
export interface RevealRequest {
  /** Why it is read; at most 200 characters, kept in the audit log. */
  readonly purpose: string
  /** The current version unless told. */
  readonly version?: number
}
