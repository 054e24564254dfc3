// Settling: how a run ended, and with the last one how the execution did, each in one transaction with its audit entry.
import { AuditLog, type AuditOutcome, Database, type ExecutionId, type SystemActor } from "@fluxcybers/core"
import { Effect } from "effect"
import type { RunState } from "../execution.ts"
import { instant } from "../instant.ts"
import { isRunSettled, outcomeOf } from "../state.ts"
import { findRuns, type Header } from "../store/execution-reads.ts"
import { lockExecution, moveExecution, moveRun } from "../store/execution-writes.ts"
import type { RunRow } from "../store/rows.ts"
import type { Ending } from "./ending.ts"

interface Settlement {
  readonly execution: ExecutionId
  readonly run: RunRow["id"]
  readonly ending: Ending
  readonly outputBytes: number
  readonly actor: SystemActor
  /** False for a run that this node did not start: then there is no result that could come late. */
  readonly hasStarted: boolean
}

/** Settles a run. One that was settled before (by recovery, while this node was frozen) stays as it is; a late result is logged. */
export const settleRun = Effect.fn("Dispatcher.settleRun")(function* (settlement: Settlement) {
  return yield* (yield* Database).transaction(
    Effect.gen(function* () {
      const header = yield* lockExecution(settlement.execution)
      const run = (yield* findRuns(settlement.execution)).find(({ id }) => id === settlement.run)
      if (header === undefined || run === undefined) return
      if (isRunSettled(run.state)) return settlement.hasStarted ? yield* reportLate(header, run, settlement) : undefined
      yield* endRun({ ...settlement, header, run })
      yield* settleExecution(header, settlement.actor)
    })
  )
})

/** Call it inside the transaction that holds the execution. */
export const endRun = Effect.fnUntraced(function* (end: {
  readonly header: Header
  readonly run: RunRow
  readonly ending: Ending
  readonly outputBytes: number
  readonly actor: SystemActor
}) {
  const { header, run, ending } = end
  const changes = {
    ended_at: yield* instant(),
    exit_code: ending.exitCode ?? null,
    signal: ending.signal ?? null,
    output_bytes: end.outputBytes,
    detail: ending.detail ?? null
  }
  yield* moveRun({ id: run.id, from: run.state, to: ending.state, changes })
  yield* (yield* AuditLog).record({
    organisation: header.organisation,
    actor: end.actor,
    action: "run.settled",
    object: run.id,
    outcome: OUTCOMES[ending.state],
    facts: { execution: header.id, state: ending.state, started: run.state === "running", ...reported(end) }
  })
})

/** Settles the execution once all of its runs are. Call it inside the transaction that holds it. */
export const settleExecution = Effect.fnUntraced(function* (header: Header, actor: SystemActor) {
  const runs = yield* findRuns(header.id)
  const state = outcomeOf(runs.map((run) => run.state))
  if (state === undefined || header.state !== "running") return
  const changes = { settled_at: yield* instant(), detail: summary(runs) }
  yield* moveExecution({ id: header.id, from: "running", to: state, changes })
  yield* (yield* AuditLog).record({
    organisation: header.organisation,
    actor,
    action: "execution.settled",
    object: header.id,
    outcome: OUTCOMES[state],
    facts: { digest: header.digest, state, runs: runs.length }
  })
})

const OUTCOMES: Record<Ending["state"], AuditOutcome> = {
  succeeded: "success",
  failed: "failure",
  timed_out: "failure",
  cancelled: "failure",
  unknown: "unknown"
}

const reportLate = Effect.fnUntraced(function* (header: Header, run: RunRow, settlement: Settlement) {
  yield* (yield* AuditLog).record({
    organisation: header.organisation,
    actor: settlement.actor,
    action: "run.reported-late",
    object: run.id,
    outcome: OUTCOMES[settlement.ending.state],
    facts: { execution: header.id, settledAs: run.state, reported: settlement.ending.state, ...reported(settlement) }
  })
})

const reported = ({ ending, outputBytes }: Pick<Settlement, "ending" | "outputBytes">) => ({
  outputBytes,
  ...(ending.exitCode === undefined ? {} : { exitCode: ending.exitCode }),
  ...(ending.signal === undefined ? {} : { signal: ending.signal })
})

/** What a person reads first: the one reason, or how many of how many and the first of them. */
const summary = (runs: ReadonlyArray<Pick<RunRow, "state" | "target_name" | "detail">>): string | null => {
  const unsuccessful = runs.filter(({ state }) => state !== ("succeeded" satisfies RunState))
  const first = unsuccessful[0]
  if (first === undefined || runs.length === 1) return first?.detail ?? null
  return `${unsuccessful.length} of ${runs.length} targets did not succeed. ${first.target_name}: ${first.detail ?? first.state}`
}
