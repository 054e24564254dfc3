// Claiming: exactly one dispatcher turns a grant into an execution, after everything was checked again, together with the audit
// entry that says so.
import { type AuditEntryId, AuditLog, Database, type ExecutionId, SystemActor } from "@fluxcybers/core"
import { Effect } from "effect"
import { closeUnstarted, expireExecution } from "../gate/close.ts"
import { instant } from "../instant.ts"
import { Policies, type RuleSetVersion } from "../policies.ts"
import { findHeader, type Header } from "../store/execution-reads.ts"
import { lockExecution, moveExecution } from "../store/execution-writes.ts"

import {
  type Approved,
  approvedPlan,
  type Difference,
  isDifference,
  secretDifference,
  targetDifferences
} from "./difference.ts"
import { ruleDifference } from "./rule-difference.ts"

/** A process on the database: its name, and which start of it this is. */
export interface Node {
  readonly node: string
  readonly boot: string
}

/** A running execution that this node answers for. */
export interface Held extends Approved, Node {
  readonly header: Header
}

/** A grant that this node has used up. */
export interface Claimed extends Held {
  /** The entry that must be under a checkpoint before anything runs. */
  readonly intent: AuditEntryId
}

export const DISPATCHER = new SystemActor({ component: "dispatcher" })

/** Claims the execution; `undefined` when it is not there to be claimed (another node was first, it expired, or it no longer matches). */
export const claim = Effect.fn("Dispatcher.claim")(function* (id: ExecutionId, self: Node) {
  const header = yield* findHeader(id)
  if (header === undefined || header.state !== "granted") return undefined
  const approved = yield* approvedPlan(header)
  // Secrets may be far away: they are looked at before the transaction.
  const secret = isDifference(approved) ? undefined : yield* secretDifference(header, approved.plan)
  const inForce = yield* (yield* Policies).current(header.organisation)
  return yield* (yield* Database).transaction(take({ header, approved, secret, inForce, self }))
})

interface Taking {
  readonly header: Header
  readonly approved: Approved | Difference
  readonly secret: Difference | undefined
  readonly inForce: RuleSetVersion
  readonly self: Node
}

const take = Effect.fnUntraced(function* ({ header: seen, approved, secret, inForce, self }: Taking) {
  const header = yield* lockExecution(seen.id)
  if (header?.state !== "granted" || header.grant_nonce !== seen.grant_nonce) return undefined
  if (header.expires_at <= (yield* instant())) {
    yield* expireExecution(header)
    return undefined
  }
  if (isDifference(approved)) return yield* refuse(header, approved)
  const changed = yield* targetDifferences(header, approved.plan.targets)
  const difference =
    // One that is gone or changed is refused by itself when its turn comes; without any other there is nothing to start.
    (changed.size === approved.plan.targets.length ? [...changed.values()][0] : undefined) ??
    secret ??
    (yield* ruleDifference(header, approved.plan, inForce))
  if (difference !== undefined) return yield* refuse(header, difference)
  const changes = { claimed_by: self.node, claimed_boot: self.boot }
  yield* moveExecution({ id: header.id, from: "granted", to: "running", changes })
  const intent = yield* (yield* AuditLog).record({
    organisation: header.organisation,
    actor: DISPATCHER,
    action: "execution.started",
    object: header.id,
    outcome: "intent",
    facts: { digest: header.digest, nonce: header.grant_nonce ?? "", node: self.node, boot: self.boot }
  })
  return { ...approved, header, intent, ...self } satisfies Claimed
})

const refuse = Effect.fnUntraced(function* (header: Header, { what, detail }: Difference) {
  yield* closeUnstarted({
    execution: header,
    to: "failed",
    runs: "failed",
    actor: DISPATCHER,
    action: "execution.refused",
    outcome: "denied",
    facts: { difference: what },
    detail
  })
  return undefined
})
