// An execution: one proposal, its decisions, its grant, and its runs.
import { ApprovalKeyId, ExecutionId, OrganisationId, PersonId, Role, RunId, TargetId } from "@fluxcybers/core"
import { Schema } from "effect"
import { Plan } from "./plan.ts"
import { Requirement } from "./rules.ts"

/** `granted` waits for a dispatcher; what follows `running` tells how it ended. Legal changes: `state.ts`. */
export const ExecutionState = Schema.Literals([
  "pending",
  "granted",
  "running",
  "succeeded",
  "failed",
  "timed_out",
  "cancelled",
  "unknown",
  "rejected",
  "expired",
  "withdrawn"
])
export type ExecutionState = typeof ExecutionState.Type

/** A file that a run has fetched. */
export const FetchedFile = Schema.Struct({
  bytes: Schema.Int,
  /** SHA-256 (hex). */
  digest: Schema.String
})
export type FetchedFile = typeof FetchedFile.Type

/** How one run ended. `unknown` is said when nobody can know, never as a guess. */
export const RunOutcome = Schema.Struct({
  exitCode: Schema.optionalKey(Schema.Int),
  signal: Schema.optionalKey(Schema.String),
  outputBytes: Schema.Int,
  /** The file that it fetched, whole. */
  file: Schema.optionalKey(FetchedFile),
  /** Why it did not succeed, for a person. */
  detail: Schema.optionalKey(Schema.String)
})
export type RunOutcome = typeof RunOutcome.Type

/**
 * `waiting` has not started. A run that never started has no `startedAt` and ends as `failed` (refused: its target is no longer the one
 * that was approved) or as `skipped` (not wanted any more).
 */
export const RunState = Schema.Literals([
  "waiting",
  "running",
  "succeeded",
  "failed",
  "timed_out",
  "cancelled",
  "unknown",
  "skipped"
])
export type RunState = typeof RunState.Type

/** The part of an execution that belongs to one target. */
export const Run = Schema.Struct({
  id: RunId,
  target: Schema.NullOr(TargetId),
  targetName: Schema.String,
  state: RunState,
  startedAt: Schema.optionalKey(Schema.String),
  endedAt: Schema.optionalKey(Schema.String),
  outcome: Schema.optionalKey(RunOutcome)
})
export type Run = typeof Run.Type

/** What one person said about one execution, once. */
export const Decision = Schema.Struct({
  person: PersonId,
  verdict: Schema.Literals(["approve", "reject"]),
  /** The person decided on what they proposed themselves. */
  isSelfApproved: Schema.Boolean,
  decidedAt: Schema.String,
  /** The person's roles when they decided. */
  roles: Schema.Array(Role),
  /** With what it was signed; absent when it was not. */
  signed: Schema.optionalKey(Schema.Literals(["passkey", "ssh-key"])),
  /** The key that it was signed with. */
  signatureKey: Schema.optionalKey(ApprovalKeyId),
  /** At most 1,000 characters. */
  reason: Schema.optionalKey(Schema.String)
})
export type Decision = typeof Decision.Type

/** A proposal and everything that became of it. */
export const Execution = Schema.Struct({
  id: ExecutionId,
  organisation: OrganisationId,
  state: ExecutionState,
  plan: Plan,
  /** SHA-256 (hex) of the plan's canonical bytes. */
  digest: Schema.String,
  /** As the audit log names the actor. */
  requester: Schema.String,
  requirement: Requirement,
  /** Why, in the words of whoever proposed it: at most 1,000 characters. */
  reason: Schema.optionalKey(Schema.String),
  /** The ticket that it belongs to. */
  ticket: Schema.optionalKey(Schema.String),
  decisions: Schema.Array(Decision),
  runs: Schema.Array(Run),
  proposedAt: Schema.String,
  /** Until when it can be decided; once granted, until when it can start. */
  expiresAt: Schema.String,
  settledAt: Schema.optionalKey(Schema.String),
  /** Why it ended without success, for a person. */
  detail: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "Execution" })
export type Execution = typeof Execution.Type
