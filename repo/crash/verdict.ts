// Compares what FluxCybers says with what the commands themselves wrote down.
import type { Client, ExecutionView } from "./client.ts"
import type { Counts, Ledger } from "./ledger.ts"

export interface Acknowledged {
  /** Execution ids by mark, as far as the server answered. */
  readonly proposed: ReadonlyMap<string, string>
  readonly approved: ReadonlySet<string>
}

export interface Verdict {
  readonly executions: number
  readonly states: Readonly<Record<string, number>>
  readonly logSize: number
  readonly violations: ReadonlyArray<string>
}

const SETTLED = new Set([
  "succeeded",
  "failed",
  "timed_out",
  "cancelled",
  "unknown",
  "rejected",
  "expired",
  "withdrawn"
])
const NONE: Counts = { started: 0, finished: 0 }

export const verdict = async (client: Client, ledger: Ledger, acknowledged: Acknowledged): Promise<Verdict> => {
  const executions = await client.executions()
  const report = await client.verify()
  const intents = new Set(
    (await client.entries())
      .filter(({ entry }) => entry.action === "execution.started")
      .map(({ entry }) => entry.object)
  )
  const counts = ledger.counts()
  const violations = [
    ...executions.flatMap((execution) => violationsOf(execution, countsOf(execution, counts), intents)),
    ...lost(executions, acknowledged),
    ...(report.problems.length > 0 ? [`the log does not verify: ${JSON.stringify(report.problems)}`] : [])
  ]
  const states: Record<string, number> = {}
  for (const { state } of executions) states[state] = (states[state] ?? 0) + 1
  return { executions: executions.length, states, logSize: report.size, violations }
}

const violationsOf = (
  execution: ExecutionView,
  counts: Counts,
  intents: ReadonlySet<string>
): ReadonlyArray<string> => {
  const said = `${execution.id} is ${execution.state} and started ${counts.started} times, finished ${counts.finished} times`
  if (counts.started > 1) return [`started twice: ${said}`]
  if (counts.started === 1 && !intents.has(execution.id)) return [`started without an intent in the log: ${said}`]
  if (execution.state === "succeeded" && counts.finished !== 1) return [`a success that did not happen: ${said}`]
  if (counts.started === 1 && !["succeeded", "unknown"].includes(execution.state))
    return [`lost without "unknown": ${said}`]
  return []
}

const lost = (
  executions: ReadonlyArray<ExecutionView>,
  { proposed, approved }: Acknowledged
): ReadonlyArray<string> => {
  const byId = new Map(executions.map((execution) => [execution.id, execution]))
  return [...proposed.values()].flatMap((id) => {
    const execution = byId.get(id)
    if (execution === undefined) return [`${id} was acknowledged and is gone`]
    return approved.has(id) && !SETTLED.has(execution.state)
      ? [`${id} was approved and is still ${execution.state}`]
      : []
  })
}

const countsOf = (execution: ExecutionView, counts: ReadonlyMap<string, Counts>): Counts => {
  const mark = /echo (\w+) >>/.exec(execution.plan.command.script ?? "")?.[1]
  return (mark === undefined ? undefined : counts.get(mark)) ?? NONE
}
