// Cancelling: what has not started is withdrawn, what runs is told to stop.
import {
  ACTIONS,
  type Actor,
  AuditLog,
  actorName,
  Database,
  type ExecutionId,
  type OrganisationId,
  personBehind
} from "@fluxcybers/core"
import { Effect } from "effect"
import { Changes } from "../changes.ts"
import { settleExecution, skipWaiting } from "../dispatch/settle.ts"
import { instant } from "../instant.ts"
import { Members } from "../ports.ts"
import { type Header, openExecution } from "../store/execution-reads.ts"
import { lockExecution, requestCancel } from "../store/execution-writes.ts"
import { closeUnstarted } from "./close.ts"
import { headerOf } from "./look.ts"
import { decisionRefused } from "./refusal.ts"

/** Who takes what back. */
export interface Cancellation {
  readonly organisation: OrganisationId
  readonly actor: Actor
  readonly execution: ExecutionId
}

export const cancel = Effect.fn("Gate.cancel")(function* (input: Cancellation) {
  const { organisation, execution: id } = input
  const header = yield* headerOf(organisation, id)
  if (!(yield* mayCancel(header, input.actor))) return yield* decisionRefused(id, "role", NOT_YOURS)
  const state = yield* (yield* Database).transaction(withdrawOrStop(input))
  if (state !== undefined) return yield* decisionRefused(id, "not-pending", `It has already ended (${state}).`)
  yield* (yield* Changes).announce(id)
  return yield* openExecution(yield* headerOf(organisation, id))
})

const NOT_YOURS =
  "Only whoever proposed it, or a member with a role for it, can cancel. An agent or a service token can only cancel its own."

/** The requester, the person it was proposed for, or a member whose role allows it. */
const mayCancel = Effect.fnUntraced(function* (header: Header, actor: Actor) {
  if (actor._tag === "System" || actorName(actor) === actorName(header.requester)) return true
  if (actor._tag !== "Person") return false
  if (actor.person === personBehind(header.requester)) return true
  const members = yield* (yield* Members).list(header.organisation)
  const roles = members.find(({ person }) => person === actor.person)?.roles ?? []
  return roles.some((role) => ACTIONS["execution.cancel"].roles.some((allowed) => allowed === role))
})

/** Answers the state of an execution that has already ended. */
const withdrawOrStop = Effect.fnUntraced(function* ({ actor, execution }: Cancellation) {
  const header = (yield* lockExecution(execution))!
  switch (header.state) {
    case "pending":
    case "granted":
      yield* closeUnstarted({
        execution: header,
        to: "withdrawn",
        runs: "skipped",
        actor,
        action: "execution.withdrawn",
        outcome: "success",
        detail: "It was withdrawn. Nothing ran."
      })
      return undefined
    case "running":
      if (header.cancel_requested_at === null) yield* stop(header, actor)
      return undefined
    default:
      return header.state
  }
})

/** What runs is told to stop by its dispatcher; what has not begun never will. */
const stop = Effect.fnUntraced(function* (header: Header, actor: Actor) {
  const at = yield* instant()
  yield* requestCancel(header.id, at)
  yield* (yield* AuditLog).record({
    organisation: header.organisation,
    actor,
    action: "execution.cancel-requested",
    object: header.id,
    outcome: "intent",
    facts: { digest: header.digest }
  })
  const cancelled = { ...header, cancel_requested_at: at }
  yield* skipWaiting({ header: cancelled, why: "cancelled", actor })
  yield* settleExecution(cancelled, actor)
})
