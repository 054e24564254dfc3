// Why the gate did not do what it was asked. Each sentence says what happened, what was not changed, and what to do next.
import { Effect, Schema } from "effect"

/** The proposal was not accepted; nothing was stored and nothing will run. */
export class ProposalRefused extends Schema.TaggedError<ProposalRefused>()("ProposalRefused", {
  reason: Schema.Literals([
    "unknown-executor",
    "invalid-input",
    "unknown-target",
    "unknown-secret",
    "limit",
    "refused-by-rule",
    "missing-reason",
    "missing-ticket",
    "break-glass",
    "review-overdue"
  ]),
  detail: Schema.String
}) {
  override get message() {
    return this.detail
  }
}

export const proposalRefused = (reason: ProposalRefused["reason"], detail: string) =>
  Effect.fail(new ProposalRefused({ reason, detail: `${detail} Nothing was proposed.` }))

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
    "expired",
    "reason-too-long",
    "signature-required",
    "passkey-required",
    "signature-invalid",
    "key-unknown"
  ]),
  detail: Schema.String
}) {
  override get message() {
    return this.detail
  }
}

/** No execution of the organisation has this id. */
export class ExecutionNotFound extends Schema.TaggedError<ExecutionNotFound>()("ExecutionNotFound", {
  id: Schema.String
}) {
  override get message() {
    return `There is no execution ${this.id}. List them with "executions list".`
  }
}

/** Nobody's word on an unknown run was taken; it stays unknown. */
export class SettlementRefused extends Schema.TaggedError<SettlementRefused>()("SettlementRefused", {
  execution: Schema.String,
  reason: Schema.Literals([
    "not-a-person",
    "role",
    "reason",
    "not-unknown",
    "which-run",
    "not-recoverable",
    "still-running",
    "no-answer"
  ]),
  /** What the target said, or why it could not be asked. */
  more: Schema.optionalKey(Schema.String)
}) {
  override get message() {
    const more = this.more === undefined ? "" : ` ${this.more}`
    return `${SETTLEMENT_DETAILS[this.reason]}${more} Nothing was changed.`
  }
}

export const REASON_LENGTH_MAX = 1_000

const SETTLEMENT_DETAILS: Record<SettlementRefused["reason"], string> = {
  "not-a-person": "Only a person can say what became of an unknown run.",
  role: "None of your roles may settle an unknown run. Ask somebody whose role may.",
  reason: `Say in 1 to ${REASON_LENGTH_MAX} characters how you know.`,
  "not-unknown": "Nothing of it is unknown, or this run is not.",
  "which-run": "Several of its runs are unknown: say which one.",
  "not-recoverable":
    "The target cannot be asked: the run was not recoverable. Look there, and say what you found: succeeded, failed or not-run.",
  "still-running": "The target says that it still runs. Wait, and ask again.",
  "no-answer": "The target could not say how it ended. Look there, and say what you found, or ask again."
}

const DETAILS: Record<DecisionRefused["reason"], string> = {
  "not-a-person": "Only a person can decide. An agent or a service token never can, whatever its scopes.",
  "not-a-member": "Whoever decides must be a member of the organisation.",
  role: "None of your roles may decide on this. Ask somebody whose role may.",
  "own-proposal": "You proposed this yourself: another person must decide. To take it back, cancel it.",
  "requester-must-confirm": "Whoever proposed this must confirm it in person.",
  "already-decided": "You have already decided on this, and a decision is final.",
  "not-pending": "It is no longer waiting for a decision.",
  digest: "The digest is not that of this execution: what you saw is not what would run. Look at it again.",
  expired: "It waited too long for a decision and has expired. Propose it again.",
  "signature-required":
    "The rule wants a signed decision: sign it with a passkey or an SSH key that is registered for you.",
  "passkey-required": "The rule wants a decision that is signed with a passkey.",
  "signature-invalid":
    "The signature is not one of your key over exactly this decision. Sign what was shown, with the namespace fluxcybers-approval.",
  "key-unknown":
    "The key that signed is not registered for you, or was revoked. Register it: fluxcybers approver-key add",
  "reason-too-long": `The reason has more than ${REASON_LENGTH_MAX} characters. Shorten it.`
}

export const decisionRefused = (execution: string, reason: DecisionRefused["reason"], detail = DETAILS[reason]) =>
  new DecisionRefused({ execution, reason, detail: `${detail} Nothing was changed.` })
