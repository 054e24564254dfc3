// How far an execution on several targets is: a table of the targets that matter now, and how many are in which state. Pure.
import type { Execution, RunState } from "@fluxcybers/executor"
import { visible } from "./visible-text.ts"

/** A target of the execution and the state of its run. */
export interface FleetRun {
  readonly name: string
  readonly state: RunState
}

/** What a person wants to see first. */
const BY_INTEREST: ReadonlyArray<RunState> = [
  "running",
  "unknown",
  "failed",
  "timed_out",
  "cancelled",
  "skipped",
  "succeeded",
  "waiting"
]

/** At most so many lines, each no wider than `columns`; the last one counts all states. */
export const fleetLines = (
  runs: ReadonlyArray<FleetRun>,
  { lines, columns }: { readonly lines: number; readonly columns: number }
): ReadonlyArray<string> => {
  const shown = BY_INTEREST.slice(0, -1)
    .flatMap((state) => runs.filter((run) => run.state === state))
    .slice(0, Math.max(0, lines - 1))
  const width = Math.max(0, ...shown.map(({ name }) => visible(name).length))
  const rows = shown.map(({ name, state }) => `${visible(name).padEnd(width)}  ${state}`)
  return [...rows, countsText(runs.map(({ state }) => state))].map((line) => line.slice(0, Math.max(20, columns - 1)))
}

/** `1000 targets: 12 running, 986 succeeded, 2 failed`. */
export const countsText = (states: ReadonlyArray<RunState>): string => {
  const counts = BY_INTEREST.flatMap((state) => {
    const count = states.filter((each) => each === state).length
    return count === 0 ? [] : [`${count} ${state}`]
  })
  return `${states.length} targets: ${counts.join(", ")}`
}

/** The rest is one command away. */
const NAMED_MAX = 20

/** At the end: the counts, and the targets that did not succeed, each with why. */
export const summaryText = ({ id, runs }: Pick<Execution, "id" | "runs">): string => {
  const unsuccessful = runs.filter(({ state }) => state !== "succeeded" && state !== "skipped")
  const named = unsuccessful.slice(0, NAMED_MAX).map(({ targetName, state, outcome }) => {
    const status = outcome?.exitCode === undefined ? "" : `, status ${outcome.exitCode}`
    const detail = outcome?.detail === undefined ? "" : `: ${visible(outcome.detail)}`
    return `  ${visible(targetName)}  ${state}${status}${detail}`
  })
  const more = unsuccessful.length - named.length
  return [
    countsText(runs.map(({ state }) => state)),
    ...named,
    ...(more > 0 ? [`  and ${more} more: fluxcybers executions show ${id}`] : [])
  ].join("\n")
}
