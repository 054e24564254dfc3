// Settling: how a run ended, and with the last one how the execution did, each in one transaction with its audit entry.
import { type Actor, AuditLog, type AuditOutcome, Database, type SystemActor } from "@fluxcybers/core"
import { Effect } from "effect"
import type { FetchedFile, RunState } from "../execution.ts"
import { fileCommitment } from "../file-commitment.ts"
import { instant } from "../instant.ts"
import { occurred } from "../occurrences.ts"
import type { SkipReason } from "../rollout.ts"
import { type ExecutionOutcome, isRunSettled, outcomeOf } from "../state.ts"
import { findRun, findRuns, type Header, hasOpenRuns } from "../store/execution-reads.ts"
import { closeWaitingRuns, lockExecution, moveExecution, moveRun } from "../store/execution-writes.ts"
import type { RunRow } from "../store/rows.ts"
import { DISPATCHER, type Held } from "./claim.ts"
import type { Ending } from "./ending.ts"

/** How a run ended that this node had started. */
export interface Settlement {
  readonly run: RunRow["id"]
  readonly ending: Ending
  readonly outputBytes: number
  /** The file that it has fetched, whole; with the nonce of its plan. */
  readonly file?: FetchedFile & { readonly nonce: string }
  /** To be done once that is settled. */
  readonly release?: Effect.Effect<void>
}

/**
 * Settles runs that ended at about the same time, in one transaction; which those were. One that was settled before (by recovery, while this
 * node was frozen) stays as it is, and a late result is logged; one that another process has taken over is that one's to settle.
 */
export const settleRuns = Effect.fn("Dispatcher.settleRuns")(function* (
  held: Held,
  settlements: ReadonlyArray<Settlement>
) {
  return yield* (yield* Database).transaction(
    Effect.gen(function* () {
      const settled = new Set<RunRow["id"]>()
      const header = yield* lockExecution(held.header.id)
      if (header === undefined) return settled
      for (const settlement of settlements) {
        const run = yield* findRun(settlement.run)
        if (run === undefined) continue
        const end = { ...settlement, actor: DISPATCHER }
        if (isRunSettled(run.state)) yield* reportLate(header, run, end)
        else if (run.claimed_boot === held.boot) {
          yield* endRun({ ...end, header, run })
          settled.add(run.id)
        }
      }
      yield* settleExecution(header, DISPATCHER)
      return settled
    })
  )
})

/** Call it inside the transaction that holds the execution. */
export const endRun = Effect.fnUntraced(function* (
  end: Omit<Settlement, "run"> & { readonly header: Header; readonly run: RunRow; readonly actor: SystemActor }
) {
  const { header, run, ending, file } = end
  const changes = {
    ended_at: yield* instant(),
    exit_code: ending.exitCode ?? null,
    signal: ending.signal ?? null,
    output_bytes: end.outputBytes,
    file_bytes: file?.bytes ?? null,
    file_digest: file?.digest ?? null,
    detail: ending.detail ?? null
  }
  const isEnded = yield* moveRun({ id: run.id, from: run.state, to: ending.state, changes })
  if (!isEnded) return
  yield* (yield* AuditLog).record({
    organisation: header.organisation,
    actor: end.actor,
    action: "run.settled",
    object: run.id,
    outcome: OUTCOMES[ending.state],
    facts: { execution: header.id, state: ending.state, started: run.state === "running", ...reported(end) }
  })
})

/** Why runs that had not started never will. */
export type SkipCause = SkipReason | "cancelled" | "node-gone" | "not-provable" | "not-recordable"

const SKIPPED: Record<SkipCause, string> = {
  canary: "A canary target did not succeed. It was not started.",
  failures: "Too many other targets did not succeed. It was not started.",
  cancelled: "It was cancelled before it was started. It did not run.",
  "node-gone": "The server stopped, or broke down, before it was started. It did not run. Propose it again.",
  "not-recordable":
    "The rules demand a recording, and none could be written: the storage refused it, or it could not be sealed. It did not run. See that the storage and the keys work, then propose it again.",
  "not-provable":
    "The audit log could not put its start under a signed checkpoint in time. It did not run. See that the storage works, then propose it again."
}

/** Skips everything that has not started, with one entry for all. Call it inside the transaction that holds the execution. */
export const skipWaiting = Effect.fnUntraced(function* (skip: {
  readonly header: Header
  readonly why: SkipCause
  readonly actor: Actor
}) {
  const { header, why, actor } = skip
  const closing = { execution: header.id, to: "skipped", endedAt: yield* instant(), detail: SKIPPED[why] } as const
  const runs = yield* closeWaitingRuns(closing)
  if (runs === 0) return
  yield* (yield* AuditLog).record({
    organisation: header.organisation,
    actor,
    action: "execution.runs-skipped",
    object: header.id,
    outcome: "failure",
    facts: { digest: header.digest, why, runs }
  })
})

/** Settles the execution once all of its runs are. Call it inside the transaction that holds it. */
export const settleExecution = Effect.fnUntraced(function* (header: Header, actor: Actor) {
  if ((header.state !== "running" && header.state !== "unknown") || (yield* hasOpenRuns(header.id))) return
  const runs = yield* findRuns(header.id)
  const states = runs.map((run) => run.state)
  const state = outcomeOf(states, header.cancel_requested_at !== null)
  if (state === undefined || state === header.state) return
  const changes = { settled_at: yield* instant(), detail: summary(runs) }
  yield* moveExecution({ id: header.id, from: header.state, to: state, changes })
  yield* (yield* AuditLog).record({
    organisation: header.organisation,
    actor,
    action: "execution.settled",
    object: header.id,
    outcome: OUTCOMES[state],
    facts: { digest: header.digest, state, runs: runs.length, ...countsOf(states) }
  })
  const kind = state === "unknown" ? "execution.unknown" : "execution.ended"
  yield* occurred({ organisation: header.organisation, kind, object: header.id })
})

/** How many runs ended how: `runsFailed: 2`. One run needs no counting. */
const countsOf = (states: ReadonlyArray<RunState>): Readonly<Record<string, number>> => {
  if (states.length < 2) return {}
  const counts = Map.groupBy(states, (state) => COUNTED[state])
  return Object.fromEntries([...counts].map(([name, same]) => [name, same.length]))
}

const COUNTED: Record<RunState, string> = {
  waiting: "runsWaiting",
  running: "runsRunning",
  succeeded: "runsSucceeded",
  failed: "runsFailed",
  timed_out: "runsTimedOut",
  cancelled: "runsCancelled",
  unknown: "runsUnknown",
  skipped: "runsSkipped"
}

const OUTCOMES: Record<ExecutionOutcome, AuditOutcome> = {
  succeeded: "success",
  failed: "failure",
  timed_out: "failure",
  cancelled: "failure",
  unknown: "unknown"
}

const reportLate = Effect.fnUntraced(function* (
  header: Header,
  run: RunRow,
  settlement: Settlement & { readonly actor: SystemActor }
) {
  yield* (yield* AuditLog).record({
    organisation: header.organisation,
    actor: settlement.actor,
    action: "run.reported-late",
    object: run.id,
    outcome: OUTCOMES[settlement.ending.state],
    facts: { execution: header.id, settledAs: run.state, reported: settlement.ending.state, ...reported(settlement) }
  })
})

const reported = ({ ending, outputBytes, file }: Omit<Settlement, "run">) => ({
  outputBytes,
  ...(file === undefined ? {} : { fileBytes: file.bytes, fileCommitment: fileCommitment(file.nonce, file.digest) }),
  ...(ending.exitCode === undefined ? {} : { exitCode: ending.exitCode }),
  ...(ending.signal === undefined ? {} : { signal: ending.signal })
})

/** What a person reads first: the one reason, or how many of how many and the first of them that says why. */
const summary = (runs: ReadonlyArray<Pick<RunRow, "state" | "target_name" | "detail">>): string | null => {
  const skipped = runs.filter(({ state }) => state === "skipped")
  const unsuccessful = runs.filter(({ state }) => state !== "succeeded" && state !== "skipped")
  const first = unsuccessful[0] ?? skipped[0]
  if (first === undefined || runs.length === 1) return first?.detail ?? null
  const sentences = [
    unsuccessful.length === 0 ? "" : `${unsuccessful.length} of ${runs.length} targets did not succeed. `,
    skipped.length === 0 ? "" : `${skipped.length} of ${runs.length} targets were not started. `
  ]
  return `${sentences.join("")}${first.target_name}: ${first.detail ?? first.state}`
}
