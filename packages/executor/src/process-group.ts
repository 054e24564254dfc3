// A group of processes on this host: is anything of it alive, and the end of it.
import { readdirSync, readFileSync } from "node:fs"
import { constants } from "node:os"
import { Clock, Effect } from "effect"

/** What a group gets to end itself after TERM. */
const TERM_GRACE_MS = 5_000
/** What the kernel gets to remove a group after KILL. */
const KILL_GRACE_MS = 1_000
const POLL_MS_MIN = 10
/** Looking through /proc takes milliseconds. */
const POLL_MS_MAX = 250

/** TERM, and KILL for what is left after the grace. False when something of the group is alive afterwards. */
export const endGroup = Effect.fnUntraced(function* (group: number) {
  signalGroup(group, constants.signals.SIGTERM)
  if (yield* isGoneWithin(group, TERM_GRACE_MS)) return true
  signalGroup(group, constants.signals.SIGKILL)
  return yield* isGoneWithin(group, KILL_GRACE_MS)
})

const isGoneWithin = Effect.fnUntraced(function* (group: number, withinMs: number) {
  const untilMs = (yield* Clock.currentTimeMillis) + withinMs
  for (let pollMs = POLL_MS_MIN; isAlive(group); pollMs = Math.min(POLL_MS_MAX, pollMs * 2)) {
    if ((yield* Clock.currentTimeMillis) >= untilMs) return false
    yield* Effect.sleep(pollMs)
  }
  return true
})

/** A zombie still counts as a member for the kernel, for ever where nobody reaps orphans (containers), but it runs nothing. */
const isAlive = (group: number): boolean => {
  if (!signalGroup(group, 0)) return false
  const members = processStates().filter((state) => state.group === group)
  return members.length === 0 || members.some(({ state }) => state !== "Z")
}

/** proc(5): `pid (name) state ppid pgrp …`, where the name may hold anything. Empty where there is no /proc. */
const processStates = (): ReadonlyArray<{ readonly state: string; readonly group: number }> => {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => processState(pid))
  } catch {
    return []
  }
}

const processState = (pid: string) => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
    const [state = "", , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return [{ state, group: Number(group) }]
  } catch {
    return []
  }
}

/** Signals a process group; false when there is none. */
const signalGroup = (group: number, signal: number): boolean => {
  try {
    return process.kill(-group, signal)
  } catch (cause) {
    return !(cause instanceof Error && "code" in cause && cause.code === "ESRCH")
  }
}
