// Compares what the nodes say with what the commands themselves wrote down. Pure.
import type { Counts } from "./ledger.ts"
import type { Result } from "./rounds.ts"

export interface Judgement {
  readonly executions: number
  readonly states: Readonly<Record<string, number>>
  /** How often each reason was given for what did not succeed. */
  readonly reasons: Readonly<Record<string, number>>
  readonly doubleStarts: number
  readonly violations: ReadonlyArray<string>
}

export interface RoundsVerdict extends Judgement {
  readonly disturbances: Readonly<Record<string, number>>
}

const NONE: Counts = { started: 0, finished: 0 }
const WHOLE_OUTPUT = "done\n"

export const judge = (
  results: ReadonlyArray<Result>,
  counts: ReadonlyMap<string, Counts>,
  problems: ReadonlyArray<unknown>
): Judgement => {
  const judged = results.map((result) => ({ result, counts: counts.get(markOf(result)) ?? NONE }))
  const states: Record<string, number> = {}
  for (const { result } of judged) {
    const kind = isRecoverable(result) ? "recoverable" : "plain"
    const name = `${kind} ${result.execution.state}`
    states[name] = (states[name] ?? 0) + 1
  }
  return {
    executions: results.length,
    states,
    reasons: reasonsIn(results),
    doubleStarts: judged.filter((each) => each.counts.started > 1).length,
    violations: [
      ...judged.flatMap(({ result, counts: done }) => violationsOf(result, done)),
      ...(problems.length > 0 ? [`the log does not verify: ${JSON.stringify(problems)}`] : [])
    ]
  }
}

const REASON_LENGTH_MAX = 90

const reasonsIn = (results: ReadonlyArray<Result>) => {
  const reasons: Record<string, number> = {}
  for (const { execution } of results) {
    if (execution.detail === undefined) continue
    const reason = `${execution.state}: ${execution.detail.slice(0, REASON_LENGTH_MAX)}`
    reasons[reason] = (reasons[reason] ?? 0) + 1
  }
  return reasons
}

const isRecoverable = ({ execution }: Result): boolean => execution.plan.recoverable !== undefined

const markOf = ({ execution }: Result): string => {
  const { command } = execution.plan
  return (command._tag === "Script" ? /echo (\w+) >>/.exec(command.script)?.[1] : undefined) ?? ""
}

const violationsOf = (result: Result, { started, finished }: Counts): ReadonlyArray<string> => {
  const { execution, output } = result
  const { state } = execution
  const said = `${execution.id} (${markOf(result)}) is ${state} (${execution.detail ?? ""}), started ${started} times, finished ${finished} times`
  if (started > 1) return [`started twice: ${said}`]
  if (state === "granted" || state === "running") return [`never settled: ${said}`]
  if (state === "succeeded" && finished !== 1) return [`a success that did not happen: ${said}`]
  if (started === 1 && state !== "succeeded" && state !== "unknown") return [`lost without "unknown": ${said}`]
  // Only a proposal that was answered late is still pending: another attempt took its place.
  if (!isRecoverable(result) || state === "pending") return []
  if (state === "unknown") return [`unknown, though its target could be asked: ${said}`]
  return state === "succeeded" && output !== WHOLE_OUTPUT ? [`its output is not whole: ${said}: ${output}`] : []
}
