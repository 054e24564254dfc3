// From how an execution ended to the exit status of `run`. Pure.
import { constants } from "node:os"
import type { Execution, Run } from "@fluxcybers/executor"
import { type ExitName, exitStatus, SIGNAL_STATUS_OFFSET } from "./exit-codes.ts"

type State = Execution["state"]

const NAMES = {
  pending: "detached",
  granted: "detached",
  running: "detached",
  succeeded: "ok",
  failed: "failure",
  timed_out: "timed-out",
  cancelled: "cancelled",
  unknown: "unknown-outcome",
  rejected: "declined",
  expired: "declined",
  withdrawn: "declined"
} as const satisfies Record<State, ExitName>

const UNSETTLED: ReadonlySet<State> = new Set(["pending", "granted", "running"])

export const isSettled = (state: State): boolean => !UNSETTLED.has(state)

/** How it ended, in the words of the exit statuses. What failed before any run started was refused: its plan no longer matched. */
export const exitName = ({ state, runs }: Pick<Execution, "state" | "runs">): ExitName =>
  state === "failed" && runs.every(isRefused) ? "plan-changed" : NAMES[state]

/** It never started because something was no longer as approved; what was skipped is something else. */
const isRefused = ({ state, startedAt }: Run): boolean => state === "failed" && startedAt === undefined

/**
 * The exit status of `run`: the remote command's own where there is one, of several targets the highest. When a run failed without
 * a status of its own (its host could not be reached, say), that is said instead.
 */
export const runStatus = (execution: Pick<Execution, "state" | "runs">): number => {
  const name = exitName(execution)
  const failed = execution.runs.filter(({ state }) => state === "failed")
  if (name !== "failure" || failed.length === 0 || !failed.every(isOwnEnding)) return exitStatus(name, true)
  return Math.max(...failed.map(remoteStatus))
}

const remoteStatus = ({ outcome }: Run): number => {
  if (outcome?.exitCode !== undefined) return outcome.exitCode
  const signal = outcome?.signal === undefined ? undefined : SIGNALS[outcome.signal]
  return signal === undefined ? exitStatus("failure", true) : SIGNAL_STATUS_OFFSET + signal
}

const SIGNALS: Readonly<Record<string, number | undefined>> = constants.signals

/** Did the command itself say how it ended? Then its status is answer enough. */
export const isOwnEnding = ({ outcome }: Run): boolean =>
  outcome?.exitCode !== undefined || outcome?.signal !== undefined
