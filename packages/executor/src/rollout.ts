// In which order, and how far, an execution goes over its targets. Pure: the dispatcher asks for the next step whenever a run has ended.
import type { RunState } from "./execution.ts"
import type { Rollout } from "./plan.ts"
import { isRunSettled } from "./state.ts"

/** Why the targets that have not started never will. */
export type SkipReason = "canary" | "failures"

/** What to do next: start the runs in these positions (none: wait until one has ended), or start nothing more. */
export type RolloutStep =
  | { readonly _tag: "Start"; readonly positions: ReadonlyArray<number> }
  | { readonly _tag: "Skip"; readonly why: SkipReason }

/**
 * The next step, from the states of the runs in the order of the plan. A run that was refused counts as one without success; one that was
 * skipped does not count.
 */
export const nextStep = (
  states: ReadonlyArray<RunState>,
  { canary = 0, batch, stopAfter, concurrency }: Rollout & { readonly concurrency: number }
): RolloutStep => {
  const failures = states.filter(isFailure).length
  if (stopAfter !== undefined && failures >= stopAfter) return { _tag: "Skip", why: "failures" }
  if (states.slice(0, canary).some(isFailure)) return { _tag: "Skip", why: "canary" }
  const first = states.findIndex((state) => !isRunSettled(state))
  if (first === -1) return { _tag: "Start", positions: [] }
  const end = stageEnd(first, { canary, batch, count: states.length })
  const running = states.filter((state) => state === "running").length
  const positions = Array.from({ length: end - first }, (_, offset) => first + offset)
    .filter((position) => states[position] === "waiting")
    .slice(0, Math.max(0, concurrency - running))
  return { _tag: "Start", positions }
}

/** Where the stage of that position ends: the canary, a batch, or all the rest. */
const stageEnd = (
  position: number,
  { canary, batch, count }: { readonly canary: number; readonly batch: number | undefined; readonly count: number }
): number => {
  if (position < canary) return Math.min(canary, count)
  if (batch === undefined) return count
  return Math.min(canary + batch * (Math.floor((position - canary) / batch) + 1), count)
}

const isFailure = (state: RunState): boolean => isRunSettled(state) && state !== "succeeded" && state !== "skipped"
