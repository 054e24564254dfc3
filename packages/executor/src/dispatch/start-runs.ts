// Starting runs: each a compare-and-set of its own, on condition that its execution is still this node's and its target the one that was
// approved. What may start now starts in one transaction.
import { Database } from "@fluxcybers/core"
import { Effect } from "effect"
import type { RunState } from "../execution.ts"
import { instant } from "../instant.ts"
import { findRuns, type Header } from "../store/execution-reads.ts"
import { lockExecution, startWaitingRuns } from "../store/execution-writes.ts"
import type { RunRow } from "../store/rows.ts"
import { DISPATCHER, type Held } from "./claim.ts"
import { type Difference, targetDifferences } from "./difference.ts"
import { endRun, settleExecution } from "./settle.ts"

/**
 * The states of the runs afterwards, by their ids: `running` for those that this call, and no other, has started. A node that was frozen starts
 * nothing that was settled without it; what was cancelled is not started; a target that was changed meanwhile is refused by itself.
 */
export const startRuns = Effect.fn("Dispatcher.startRuns")(function* (claimed: Held, runs: ReadonlyArray<RunRow>) {
  return yield* (yield* Database).transaction(start(claimed, runs))
})

const start = Effect.fnUntraced(function* (claimed: Held, runs: ReadonlyArray<RunRow>) {
  const { plan, node, boot } = claimed
  const header = yield* lockExecution(claimed.header.id)
  const isOurs = header?.state === "running" && header.claimed_boot === boot && header.cancel_requested_at === null
  if (!isOurs) return yield* statesElsewhere(claimed, runs)
  const targets = new Set(runs.map(({ target }) => target))
  const differences = yield* targetDifferences(
    header,
    plan.targets.filter(({ id }) => targets.has(id))
  )
  const wanted = runs.filter(({ target }) => target === null || !differences.has(target))
  const claim = { started_at: yield* instant(), claimed_by: node, claimed_boot: boot }
  const started = yield* startWaitingRuns(
    wanted.map(({ id }) => id),
    claim
  )
  if (differences.size > 0) yield* refuse({ header, runs, differences })
  if (started.size === runs.length) return new Map(runs.map(({ id }) => [id, "running" as RunState]))
  const others = yield* statesElsewhere(claimed, runs)
  return new Map(runs.map(({ id }) => [id, started.has(id) ? "running" : others.get(id)!]))
})

const refuse = Effect.fnUntraced(function* (refusal: {
  readonly header: Header
  readonly runs: ReadonlyArray<RunRow>
  readonly differences: ReadonlyMap<string, Difference>
}) {
  const { header, runs, differences } = refusal
  for (const run of runs) {
    const difference = differences.get(run.target ?? "")
    if (difference === undefined) continue
    yield* endRun({
      header,
      run,
      ending: { state: "failed", detail: difference.detail },
      outputBytes: 0,
      actor: DISPATCHER
    })
  }
  yield* settleExecution(header, DISPATCHER)
})

/** What others made of them; whatever is still open is not this node's to start. */
const statesElsewhere = Effect.fnUntraced(function* ({ header }: Held, runs: ReadonlyArray<RunRow>) {
  const now = new Map((yield* findRuns(header.id)).map(({ id, state }) => [id, state]))
  return new Map(
    runs.map(({ id }): readonly [RunRow["id"], RunState] => {
      const state = now.get(id)
      return [id, state === undefined || state === "waiting" || state === "running" ? "skipped" : state]
    })
  )
})
