// Closing an execution that never started: rejected, withdrawn, expired, or no longer what was approved.
import { type Actor, AuditLog, type AuditOutcome, type PersonalFacts, SystemActor } from "@fluxcybers/core"
import { Effect } from "effect"
import type { ExecutionState, RunState } from "../execution.ts"
import { instant } from "../instant.ts"
import { occurred } from "../occurrences.ts"
import type { Header } from "../store/execution-reads.ts"
import { closeWaitingRuns, moveExecution } from "../store/execution-writes.ts"

interface Closing {
  readonly execution: Pick<Header, "id" | "organisation" | "state" | "digest">
  readonly to: ExecutionState
  /** The state of its runs, none of which has started. */
  readonly runs: Extract<RunState, "failed" | "skipped">
  readonly actor: Actor
  readonly action: string
  readonly outcome: AuditOutcome
  readonly facts?: Readonly<Record<string, string | number | boolean>>
  readonly personal?: PersonalFacts
  /** Why, for a person. */
  readonly detail: string
}

/** Call it inside a transaction. False when the execution was no longer in that state: then nothing was changed. */
export const closeUnstarted = Effect.fnUntraced(function* (closing: Closing) {
  const { execution, to, detail } = closing
  const now = yield* instant()
  const changes = { settled_at: now, detail }
  const isClosed = yield* moveExecution({ id: execution.id, from: execution.state, to, changes })
  if (!isClosed) return false
  yield* closeWaitingRuns({ execution: execution.id, to: closing.runs, endedAt: now, detail })
  yield* (yield* AuditLog).record({
    organisation: execution.organisation,
    actor: closing.actor,
    action: closing.action,
    object: execution.id,
    outcome: closing.outcome,
    facts: { digest: execution.digest, ...closing.facts },
    ...(closing.personal === undefined ? {} : { personal: closing.personal })
  })
  const kind = to === "rejected" ? "decision.made" : "execution.ended"
  yield* occurred({ organisation: execution.organisation, kind, object: execution.id })
  return true
})

const GATE = new SystemActor({ component: "gate" })

/** Nobody decided, or nobody started it, in time. Call it inside a transaction. */
export const expireExecution = (execution: Header) =>
  closeUnstarted({
    execution,
    to: "expired",
    runs: "skipped",
    actor: GATE,
    action: "execution.expired",
    outcome: "failure",
    facts: { waitedFor: execution.state === "granted" ? "start" : "decision" },
    detail:
      execution.state === "granted"
        ? "The grant was not used in time. Nothing ran. Propose it again."
        : "It was not decided in time. Nothing ran. Propose it again."
  })
