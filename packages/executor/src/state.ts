// Every legal change of state, for executions and for runs. The store asks here before it writes; nothing else changes a state.
import type { ExecutionState, RunState } from "./execution.ts"

/** From a state to the states that may follow. What leads nowhere is settled, for good; what is unknown, until a person finds out. */
export const EXECUTION_TRANSITIONS = {
  pending: ["granted", "rejected", "expired", "withdrawn"],
  // `failed` from here: what was approved is no longer what would run.
  granted: ["running", "failed", "expired", "withdrawn"],
  running: ["succeeded", "failed", "timed_out", "cancelled", "unknown"],
  succeeded: [],
  failed: [],
  timed_out: [],
  cancelled: [],
  // A person has found out, or the target has.
  unknown: ["succeeded", "failed", "timed_out", "cancelled"],
  rejected: [],
  expired: [],
  withdrawn: []
} as const satisfies Record<ExecutionState, ReadonlyArray<ExecutionState>>

/** The same for a run. */
export const RUN_TRANSITIONS = {
  // The last two mean that it never started: refused, or not wanted any more.
  waiting: ["running", "failed", "skipped"],
  running: ["succeeded", "failed", "timed_out", "cancelled", "unknown"],
  succeeded: [],
  failed: [],
  timed_out: [],
  cancelled: [],
  unknown: ["succeeded", "failed", "timed_out", "cancelled"],
  skipped: []
} as const satisfies Record<RunState, ReadonlyArray<RunState>>

/** May an execution go from this state to that one? */
export const canMoveExecution = (from: ExecutionState, to: ExecutionState): boolean =>
  (EXECUTION_TRANSITIONS[from] as ReadonlyArray<ExecutionState>).includes(to)

/** May a run go from this state to that one? */
export const canMoveRun = (from: RunState, to: RunState): boolean =>
  (RUN_TRANSITIONS[from] as ReadonlyArray<RunState>).includes(to)

/** Has the execution ended? For good, but that a person may find out what is unknown. */
export const isSettled = (state: ExecutionState): boolean =>
  state === "unknown" || EXECUTION_TRANSITIONS[state].length === 0

/** Has the run ended? For good, but that a person may find out what is unknown. */
export const isRunSettled = (state: RunState): boolean => state === "unknown" || RUN_TRANSITIONS[state].length === 0

/** The worst word wins: what cannot be known about one target cannot be known about the whole. */
const BY_GRAVITY = ["unknown", "cancelled", "timed_out", "failed"] as const satisfies ReadonlyArray<RunState>

/** How an execution can end once it has started. */
export type ExecutionOutcome = (typeof EXECUTION_TRANSITIONS)["running"][number]

/**
 * How an execution ended, from the states of its runs; `undefined` while one of them is not settled. Targets that were skipped make it
 * `cancelled` when somebody cancelled it, and otherwise `failed`: not all of what was approved has run.
 */
export const outcomeOf = (runs: Iterable<RunState>, isCancelled = false): ExecutionOutcome | undefined => {
  const states = new Set(runs)
  if (![...states].every(isRunSettled)) return undefined
  if (isCancelled && states.has("skipped") && !states.has("unknown")) return "cancelled"
  return BY_GRAVITY.find((state) => states.has(state)) ?? (states.has("skipped") ? "failed" : "succeeded")
}
