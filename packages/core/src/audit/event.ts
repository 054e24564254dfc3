// What happened, as the audit log keeps it. Nothing personal stands in the clear: actors and objects are ids, and aliases for those of
// people; facts are digests, sizes and names of rules. What is personal goes into `sealed`, under the data subject's own key, so that it can be erased.
import { Schema } from "effect"
import type { Actor } from "../actor.ts"
import { AuditEntryId, OrganisationId } from "../ids.ts"

export const ACTION_PATTERN = /^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$/

/** A noun and a past verb: `execution.approved`. */
export const AuditAction = Schema.String.check(
  Schema.isPattern(ACTION_PATTERN, { expected: "an action like execution.approved" })
)

/**
 * How it went. `intent` stands for what is about to begin, `denied` for what was refused, `unknown` for what nobody can know, and
 * `interrupted` for what began and was cut off before its end.
 */
export const AuditOutcome = Schema.Literals(["success", "failure", "intent", "denied", "unknown", "interrupted"])
export type AuditOutcome = typeof AuditOutcome.Type

export const FACT_LENGTH_MAX = 1_024
/** A fact about an event: at most 1,024 characters, a whole number, or a boolean. Never anything personal. */
export const AuditFact = Schema.Union([
  Schema.String.check(Schema.isMaxLength(FACT_LENGTH_MAX)),
  Schema.Int,
  Schema.Boolean
])

/** What anybody who sees it could know a person by, like their public key. */
export interface PersonalFacts {
  /** The pseudonym. */
  readonly subject: string
  readonly facts: Readonly<Record<string, string>>
}

/**
 * The input of `AuditLog.record`. The ids of people, of their agents, tokens and keys are written as they are: in the entry stand aliases
 * for them, wherever they occur in actor, object and facts.
 */
export interface AuditEvent {
  readonly organisation: OrganisationId
  readonly actor: Actor
  readonly action: string
  /** The id of what it was done to. */
  readonly object: string
  readonly outcome: AuditOutcome
  readonly facts?: Readonly<Record<string, string | number | boolean>>
  /** Facts about one data subject that are erased with them: the entry has an alias for each. */
  readonly personal?: PersonalFacts
  /** Slots with what concerns data subjects, made by `AuditSlots.seal`. */
  readonly sealed?: Readonly<Record<string, string>>
}

/** One entry as it stands in the log: its canonical JSON (RFC 8785) is the Merkle leaf. */
export const AuditEntry = Schema.Struct({
  v: Schema.Literal(1),
  id: AuditEntryId,
  time: Schema.String,
  org: OrganisationId,
  actor: Schema.String,
  action: AuditAction,
  object: Schema.String,
  outcome: AuditOutcome,
  facts: Schema.Record(Schema.String, AuditFact),
  sealed: Schema.Record(Schema.String, Schema.String)
}).annotate({ identifier: "AuditEntry" })
export type AuditEntry = typeof AuditEntry.Type
