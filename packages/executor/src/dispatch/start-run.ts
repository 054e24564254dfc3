// Starting one run: its own compare-and-set, on condition that its execution is still this node's and its target the one that was approved.
import { Database } from "@fluxcybers/core"
import { Effect } from "effect"
import type { RunState } from "../execution.ts"
import { instant } from "../instant.ts"
import { findRun, type Header } from "../store/execution-reads.ts"
import { lockExecution, moveRun } from "../store/execution-writes.ts"
import type { RunRow } from "../store/rows.ts"
import { type Claimed, DISPATCHER } from "./claim.ts"
import { targetDifferences } from "./difference.ts"
import { endRun, settleExecution } from "./settle.ts"

/**
 * The state of the run afterwards: `running` when this call, and no other, has started it. A node that was frozen starts nothing that was
 * settled without it; what was cancelled is not started; a target that was changed meanwhile is refused by itself.
 */
export const startRun = Effect.fn("Dispatcher.startRun")(function* (claimed: Claimed, run: RunRow) {
  return yield* (yield* Database).transaction(start(claimed, run))
})

const start = Effect.fnUntraced(function* ({ header: { id }, plan, node, boot }: Claimed, run: RunRow) {
  const header = yield* lockExecution(id)
  const isOurs = header?.state === "running" && header.claimed_boot === boot && header.cancel_requested_at === null
  if (!isOurs) return yield* stateElsewhere(run)
  const pinned = plan.targets.filter((target) => target.id === run.target)
  const [difference] = (yield* targetDifferences(header, pinned)).values()
  if (difference !== undefined) return yield* refuse(header, run, difference.detail)
  const changes = { started_at: yield* instant(), claimed_by: node, claimed_boot: boot }
  const hasStarted = yield* moveRun({ id: run.id, from: "waiting", to: "running", changes })
  return hasStarted ? "running" : yield* stateElsewhere(run)
})

const refuse = Effect.fnUntraced(function* (header: Header, { id }: RunRow, detail: string) {
  const run = yield* findRun(id)
  if (run?.state !== "waiting") return yield* stateElsewhere({ id })
  yield* endRun({ header, run, ending: { state: "failed", detail }, outputBytes: 0, actor: DISPATCHER })
  yield* settleExecution(header, DISPATCHER)
  return "failed"
})

/** What others made of it; it is not this node's to start. */
const stateElsewhere = Effect.fnUntraced(function* ({ id }: Pick<RunRow, "id">) {
  const state = (yield* findRun(id))?.state
  return state === undefined || state === "waiting" || state === "running" ? ("skipped" satisfies RunState) : state
})
