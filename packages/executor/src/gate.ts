// The gate: the one way to make something run. Propose, decide, and (by the dispatcher) claim, run, settle.
import type { Actor, ExecutionId, OrganisationId, RunId } from "@fluxcybers/core"
import { Context, type Effect, Schema, type Stream } from "effect"
import type { Execution, ExecutionState } from "./execution.ts"

/** The proposal was not accepted; nothing was stored and nothing will run. */
export class ProposalRefused extends Schema.TaggedError<ProposalRefused>()("ProposalRefused", {
  reason: Schema.Literals([
    "unknown-executor",
    "invalid-input",
    "unknown-target",
    "unknown-secret",
    "limit",
    "refused-by-rule"
  ]),
  detail: Schema.String
}) {
  override get message() {
    return this.detail
  }
}

/** The decision (or cancellation) was not accepted; the execution stays as it is. */
export class DecisionRefused extends Schema.TaggedError<DecisionRefused>()("DecisionRefused", {
  execution: Schema.String,
  reason: Schema.Literals([
    "not-a-person",
    "not-a-member",
    "role",
    "own-proposal",
    "requester-must-confirm",
    "already-decided",
    "not-pending",
    "digest",
    "expired"
  ]),
  detail: Schema.String
}) {
  override get message() {
    return this.detail
  }
}

export class ExecutionNotFound extends Schema.TaggedError<ExecutionNotFound>()("ExecutionNotFound", {
  id: Schema.String
}) {
  override get message() {
    return `There is no execution ${this.id}. List them with "executions list".`
  }
}

export interface Proposal {
  readonly organisation: OrganisationId
  readonly actor: Actor
  readonly executor: string
  /** Decoded by the executor's own input schema. */
  readonly input: unknown
  /** Names or ids of targets, 1 to 100; empty for an executor that needs none. */
  readonly targets: ReadonlyArray<string>
}

export interface DecisionInput {
  readonly organisation: OrganisationId
  readonly actor: Actor
  readonly execution: ExecutionId
  readonly verdict: "approve" | "reject"
  /** The digest of what the person saw. */
  readonly digest: string
  readonly reason?: string
}

/** A piece of what an execution shows: recorded (masked) output, or a change of state. `sequence` orders and resumes the stream. */
export type ExecutionEvent =
  | {
      readonly _tag: "Output"
      readonly sequence: number
      readonly run: RunId
      readonly atMs: number
      readonly stream: "stdout" | "stderr"
      readonly bytes: Uint8Array
    }
  | { readonly _tag: "State"; readonly state: ExecutionState }

/**
 * Audit entries: `execution.proposed`, `.approved`, `.rejected`, `.granted`, `.withdrawn`, `.expired`, `.started` (the intent, under a
 * checkpoint before anything runs), `.refused` (the plan no longer matches), `.settled`.
 */
export class Gate extends Context.Service<
  Gate,
  {
    propose(proposal: Proposal): Effect.Effect<Execution, ProposalRefused>
    decide(input: DecisionInput): Effect.Effect<Execution, DecisionRefused | ExecutionNotFound>
    /** Withdraws what has not started, cancels what runs. */
    cancel(
      input: Omit<DecisionInput, "verdict" | "digest">
    ): Effect.Effect<Execution, DecisionRefused | ExecutionNotFound>
    get(organisation: OrganisationId, id: ExecutionId): Effect.Effect<Execution, ExecutionNotFound>
    list(filter: {
      readonly organisation: OrganisationId
      readonly state?: ExecutionState
      readonly before?: ExecutionId
      /** 1 to 200; 50 unless told. */
      readonly limit?: number
    }): Effect.Effect<ReadonlyArray<Execution>>
    /** From the beginning (or after `after`) to the end of the execution; goes on live while it runs. */
    events(
      organisation: OrganisationId,
      id: ExecutionId,
      after?: number
    ): Stream.Stream<ExecutionEvent, ExecutionNotFound>
  }
>()("fluxcybers/executor/Gate") {}
