// The gate: the one way to make something run.
//
//   propose   input → plan → canonical bytes → digest; the rules say who must agree
//   decide    people agree on the digest, or refuse; the last agreement makes the grant
//   dispatch  claim the grant once → audit intent under a checkpoint → run → record → settle   (dispatcher.ts)
import type { AuditLog, Database, ExecutionId, OrganisationId, SubjectCipher } from "@fluxcybers/core"
import { Context, Effect, Layer, Stream } from "effect"
import { Changes } from "./changes.ts"
import type { Execution } from "./execution.ts"
import { type Cancellation, cancel } from "./gate/cancel.ts"
import { type DecisionInput, decide } from "./gate/decide.ts"
import { type ExecutionEvent, events } from "./gate/events.ts"
import { type ExecutionFilter, get, list } from "./gate/look.ts"
import { type Proposal, propose } from "./gate/propose.ts"
import type { DecisionRefused, ExecutionNotFound, ProposalRefused, SettlementRefused } from "./gate/refusal.ts"
import { DEFAULT_GATE_SETTINGS, type GateSettings } from "./gate/settings.ts"
import { type SettlementInput, settleUnknown } from "./gate/settle-unknown.ts"
import { useRunbook } from "./gate/use-runbook.ts"
import { view } from "./gate/view.ts"
import type { Policies } from "./policies.ts"
import type { Members, SecretSource } from "./ports.ts"
import type { Executors } from "./registry.ts"
import type { RunbookRefused } from "./runbook/refusal.ts"
import type { RunbookUse } from "./runbook/use.ts"
import type { Targets } from "./targets.ts"
import type { FaithfulView } from "./view/faithful-view.ts"

export type { Cancellation } from "./gate/cancel.ts"
export type { DecisionInput } from "./gate/decide.ts"
export type { ExecutionEvent } from "./gate/events.ts"
export type { ExecutionFilter } from "./gate/look.ts"
export type { Proposal } from "./gate/propose.ts"
export { DecisionRefused, ExecutionNotFound, ProposalRefused, SettlementRefused } from "./gate/refusal.ts"
export type { GateSettings } from "./gate/settings.ts"
export type { Finding, SettlementInput } from "./gate/settle-unknown.ts"

/** What the gate stands on. */
export type GateServices = Database | AuditLog | SubjectCipher | Executors | Targets | SecretSource | Members | Policies

/**
 * Proposes, decides, cancels and shows executions. Who may propose, list or look is the caller's to check (`authorization.ts`); who may
 * decide, cancel or settle is checked here.
 *
 * Audit entries: `execution.proposed`, `.approved`, `.rejected`, `.granted`, `.withdrawn`, `.expired`, `.cancel-requested`, `run.unknown-settled`, `.glass-broken`; and from
 * the dispatcher `.started` (the intent, under a checkpoint before anything runs), `.refused` (the plan no longer matches), `.settled`,
 * `run.settled` and `run.reported-late`.
 */
export class Gate extends Context.Service<
  Gate,
  {
    propose(proposal: Proposal): Effect.Effect<Execution, ProposalRefused>
    /** Fills a runbook in and proposes what comes of it. The plan names the runbook, its version and the values. */
    useRunbook(use: RunbookUse): Effect.Effect<Execution, ProposalRefused | RunbookRefused>
    decide(input: DecisionInput): Effect.Effect<Execution, DecisionRefused | ExecutionNotFound>
    /** Withdraws what has not started, cancels what runs. */
    cancel(input: Cancellation): Effect.Effect<Execution, DecisionRefused | ExecutionNotFound>
    /** Says what became of an unknown run, by what a person found or by what its target answers now. */
    settle(input: SettlementInput): Effect.Effect<Execution, SettlementRefused | ExecutionNotFound>
    get(organisation: OrganisationId, id: ExecutionId): Effect.Effect<Execution, ExecutionNotFound>
    /** Everything that an approver must see, with the difference to the last approved plan for the same targets, or use of the runbook. */
    view(organisation: OrganisationId, id: ExecutionId): Effect.Effect<FaithfulView, ExecutionNotFound>
    list(filter: ExecutionFilter): Effect.Effect<ReadonlyArray<Execution>>
    /** From the beginning (or after `after`) to the end of the execution; goes on live while it runs. */
    events(
      organisation: OrganisationId,
      id: ExecutionId,
      after?: number
    ): Stream.Stream<ExecutionEvent, ExecutionNotFound>
  }
>()("fluxcybers/executor/Gate") {
  static readonly layer = (settings: Partial<GateSettings> = {}): Layer.Layer<Gate, never, GateServices> =>
    Layer.effect(Gate, Effect.map(Effect.context<GateServices | Changes>(), open(settings))).pipe(
      Layer.provide(Changes.layer)
    )
}

const open =
  (changed: Partial<GateSettings>) =>
  (context: Context.Context<GateServices | Changes>): Gate["Service"] => {
    const settings = { ...DEFAULT_GATE_SETTINGS, ...changed }
    const provide = Effect.provideContext(context)
    return Gate.of({
      propose: (proposal) => propose(proposal, settings).pipe(provide),
      useRunbook: (use) => useRunbook(use, settings).pipe(provide),
      decide: (input) => decide(input, settings).pipe(provide),
      cancel: (input) => cancel(input).pipe(provide),
      settle: (input) => settleUnknown(input).pipe(provide),
      get: (organisation, id) => get(organisation, id).pipe(provide),
      view: (organisation, id) => view(organisation, id).pipe(provide),
      list: (filter) => list(filter).pipe(provide),
      events: (organisation, id, after) => events(organisation, id, after).pipe(Stream.provideContext(context))
    })
  }
