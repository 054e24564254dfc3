// Which instant of a schedule is fired now. Pure.
import type { RunbookSchedule } from "./schedule.ts"
import type { Ticks } from "./timing.ts"

/** Whoever looks later than this after an instant has missed it: so long may a busy server, or a restart, take. */
const LATE_MS_MAX = 60_000
/** More missed ones are not counted. */
const MISSED_COUNTED_MAX = 1_000

/** An instant that has come, and what to do about it. */
export interface Due {
  readonly instantMs: number
  /** It is not run: too late, and the schedule does not make up for it. */
  readonly isMissed: boolean
  /** How many before it were missed; they never run. */
  readonly missed: number
  /** The next one after now. */
  readonly nextMs: number
}

/** Of all the instants that have come only the last is fired: at most one run makes up for any downtime. */
export const dueOf = (
  ticks: Ticks,
  {
    nextMs,
    nowMs,
    missed
  }: { readonly nextMs: number; readonly nowMs: number; readonly missed: RunbookSchedule["missed"] }
): Due => {
  const instantMs = Math.max(nextMs, ticks.atOrBefore(nowMs))
  return {
    instantMs,
    isMissed: missed === "skip" && nowMs - instantMs > LATE_MS_MAX,
    missed: countBetween(ticks, nextMs, instantMs),
    nextMs: ticks.after(nowMs)
  }
}

const countBetween = (ticks: Ticks, fromMs: number, beforeMs: number): number => {
  let count = 0
  for (let at = fromMs; at < beforeMs && count < MISSED_COUNTED_MAX; at = ticks.after(at)) count++
  return count
}
