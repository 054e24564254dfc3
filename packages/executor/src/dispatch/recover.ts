// Recovery: a process that is gone leaves executions behind. What had started is unknown, what had not never will.
import { Database, type ExecutionId, SystemActor } from "@fluxcybers/core"
import { Effect } from "effect"
import { Changes } from "../changes.ts"
import { findRuns } from "../store/execution-reads.ts"
import { lockExecution } from "../store/execution-writes.ts"
import { claimedBy } from "../store/nodes.ts"
import type { Node } from "./claim.ts"
import type { Ending } from "./ending.ts"
import { endRun, settleExecution, skipWaiting } from "./settle.ts"

const RECOVERY = new SystemActor({ component: "recovery" })

const STARTED: Ending = {
  state: "unknown",
  detail:
    "The server stopped, or broke down, while it ran: it may have finished, or may still run. Look at the target before you repeat it."
}

/** Settles everything that a process which is gone had claimed. */
export const recoverFrom = Effect.fn("Dispatcher.recover")(function* (gone: Node) {
  const changes = yield* Changes
  const { transaction } = yield* Database
  for (const id of yield* claimedBy(gone)) {
    yield* transaction(abandon(id, gone))
    yield* changes.announce(id)
  }
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
