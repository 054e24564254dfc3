// Recovery: a process that is gone leaves executions behind. What has not started never will. What has started is taken over where its
// target can be asked for it, and is unknown where it cannot.
import { AuditLog, Database, type ExecutionId, SystemActor } from "@fluxcybers/core"
import { Effect } from "effect"
import { Changes } from "../changes.ts"
import { findHeader, findRuns } from "../store/execution-reads.ts"
import { lockExecution, takeOverRuns } from "../store/execution-writes.ts"
import { claimedBy } from "../store/nodes.ts"
import type { Held, Node } from "./claim.ts"
import { approvedPlan, isDifference } from "./difference.ts"
import type { Ending } from "./ending.ts"
import { endRun, settleExecution, skipWaiting } from "./settle.ts"

const RECOVERY = new SystemActor({ component: "recovery" })

const STARTED: Ending = {
  state: "unknown",
  detail:
    "The server stopped, or broke down, while it ran: it may have finished, or may still run. Look at the target before you repeat it."
}

/** Settles everything that a process which is gone had claimed, but for what this one now answers for: that is returned. */
export const recoverFrom = Effect.fn("Dispatcher.recover")(function* (gone: Node, self: Node) {
  const changes = yield* Changes
  const { transaction } = yield* Database
  const taken: Array<Held> = []
  for (const id of yield* claimedBy(gone)) {
    const held = yield* recoverable(id, self)
    const isTaken = held !== undefined && (yield* transaction(takeOver(held, gone)))
    if (isTaken) taken.push(held)
    else yield* transaction(abandon(id, gone))
    yield* changes.announce(id)
  }
  return taken
})

/** What can be asked for on its targets, with what asking takes. */
const recoverable = Effect.fnUntraced(function* (id: ExecutionId, self: Node) {
  const header = yield* findHeader(id)
  const approved = header === undefined ? undefined : yield* approvedPlan(header)
  if (header === undefined || approved === undefined || isDifference(approved)) return undefined
  if (approved.plan.recoverable === undefined || approved.executor.recovery === undefined) return undefined
  return { ...approved, ...self, header } satisfies Held
})

/** From now on this node answers for what runs; false when there is nothing of that kind. Call it inside a transaction. */
const takeOver = Effect.fnUntraced(function* ({ header: { id }, node, boot }: Held, gone: Node) {
  const header = yield* lockExecution(id)
  if (header?.state !== "running" || header.claimed_boot !== gone.boot) return false
  const running = (yield* findRuns(id)).filter(({ state }) => state === "running")
  if (running.length === 0) return false
  yield* takeOverRuns(id, { node, boot })
  yield* skipWaiting({ header, why: "node-gone", actor: RECOVERY })
  yield* (yield* AuditLog).record({
    organisation: header.organisation,
    actor: RECOVERY,
    action: "execution.taken-over",
    object: id,
    outcome: "success",
    facts: { digest: header.digest, node, boot, goneNode: gone.node, goneBoot: gone.boot, runs: running.length }
  })
  return true
})

/** Settles one execution that nobody holds any more. Call it inside a transaction. */
export const abandon = Effect.fnUntraced(function* (id: ExecutionId, gone: Node) {
  const header = yield* lockExecution(id)
  // Another node recovers as well: what it has done is done.
  if (header?.state !== "running" || header.claimed_boot !== gone.boot) return
  for (const run of yield* findRuns(id)) {
    if (run.state !== "running") continue
    yield* endRun({ header, run, ending: STARTED, outputBytes: run.output_bytes ?? 0, actor: RECOVERY })
  }
  yield* skipWaiting({ header, why: "node-gone", actor: RECOVERY })
  yield* settleExecution(header, RECOVERY)
})
