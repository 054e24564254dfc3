// `executions settle`: shows what is known of what is unknown, and takes down what a person found.

import type { ExecutionId } from "@fluxcybers/core"
import type { Execution, Run } from "@fluxcybers/executor"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { type CallApi, connect } from "./api.ts"
import { CliFailure, usageFailure } from "./failure.ts"
import { moment } from "./moment.ts"
import { answer } from "./output.ts"
import { executionArgument } from "./parameters.ts"
import { visible } from "./visible-text.ts"
import { watch } from "./watch.ts"

/** Enough to see where it was. */
const LINES_MAX = 10
const TAIL_BYTES_MAX = 4_096
const FINDINGS = ["succeeded", "failed", "not-run", "ask"] as const

export const settle = Command.make(
  "settle",
  {
    id: executionArgument,
    found: Flag.Literals("found", FINDINGS).pipe(
      Flag.withDescription("What you found on the target; ask has the target of a recoverable run say it"),
      Flag.optional
    ),
    target: Flag.String("target").pipe(
      Flag.withAlias("t"),
      Flag.withMetavar("TARGET"),
      Flag.withDescription("Which of several unknown runs"),
      Flag.optional
    ),
    reason: Flag.String("reason").pipe(
      Flag.withMetavar("WHY"),
      Flag.withDescription("How you know; it stands in the log"),
      Flag.optional
    )
  },
  Effect.fnUntraced(function* ({ id, found, target, reason }) {
    const api = yield* connect
    const execution = yield* api((client) => client.executions.show({ params: { id } }))
    const runs = execution.runs.filter(({ state }) => state === "unknown")
    if (runs.length === 0) return yield* nothingUnknown(execution)
    if (Option.isNone(found)) {
      const words = yield* lastWords(api, id)
      return yield* answer(execution, () => guide(execution, runs, words))
    }
    if (Option.isNone(reason)) return yield* usageFailure("Say how you know: --reason WHY. Nothing was changed.")
    const run = Option.isNone(target) ? undefined : runs.find(({ targetName }) => targetName === target.value)
    if (Option.isSome(target) && run === undefined) return yield* notUnknown(target.value, runs)
    const payload = { found: found.value, reason: reason.value, ...(run === undefined ? {} : { run: run.id }) }
    const settled = yield* api((client) => client.executions.settle({ params: { id }, payload }))
    yield* answer(settled, () => `Settled ${id}: it is now ${settled.state}.\n`)
  })
).pipe(
  Command.withDescription("Show what is known of an unknown outcome, and settle it by what you found"),
  Command.withExamples([
    { command: "fluxcybers executions settle exec_01…", description: "What is known, and where to look" },
    { command: "fluxcybers executions settle exec_01… --found ask --reason 'the host is back'" },
    { command: "fluxcybers executions settle exec_01… --found succeeded --reason 'the migration is in the table'" }
  ])
)

interface LastWords {
  atMs: number
  tail: Buffer
}

/** The end of what each run wrote. */
const lastWords = Effect.fnUntraced(function* (api: CallApi, id: ExecutionId) {
  const words = new Map<string, LastWords>()
  yield* watch(api, id, {
    onOutput: ({ run, atMs, bytes }) =>
      Effect.sync(() => {
        const tail = Buffer.concat([words.get(run)?.tail ?? Buffer.alloc(0), bytes]).subarray(-TAIL_BYTES_MAX)
        words.set(run, { atMs, tail })
      })
  })
  return words
})

const guide = (execution: Execution, runs: ReadonlyArray<Run>, words: ReadonlyMap<string, LastWords>): string =>
  [...runs.map((run) => runText(execution, run, words.get(run.id))), nextText(execution, runs)].join("\n")

const runText = ({ plan }: Execution, run: Run, words: LastWords | undefined): string => {
  const target = plan.targets.find(({ id }) => id === run.target)
  const where = target === undefined ? "this server" : `${target.account}@${target.host}:${target.port}`
  const startedMs = Date.parse(run.startedAt ?? "")
  const lines = words?.tail.toString().trimEnd().split("\n").slice(-LINES_MAX) ?? []
  return [
    `${visible(run.targetName)}: nobody knows how it ended`,
    ...(run.outcome?.detail === undefined ? [] : [`  Why      ${visible(run.outcome.detail)}`]),
    `  Where    ${visible(where)}`,
    ...(run.startedAt === undefined ? [] : [`  Started  ${moment(run.startedAt)}`]),
    ...(words === undefined
      ? ["  Output   none was recorded"]
      : [
          `  Output   the last was recorded at ${moment(new Date(startedMs + words.atMs).toISOString())}:`,
          ...lines.map((line) => `           | ${visible(line)}`)
        ]),
    ...(plan.recoverable === undefined
      ? ["  Look at  whether the command still runs there, and at what it should have changed"]
      : [`  Look at  ~/.fluxcybers/runs/${run.id} there: "ended" holds its exit status once it has ended`]),
    ""
  ].join("\n")
}

const nextText = ({ id, plan }: Execution, runs: ReadonlyArray<Run>): string => {
  const which = runs.length > 1 ? " -t TARGET" : ""
  const ask = plan.recoverable === undefined ? [] : ["  ask        have the target say it"]
  return [
    `Then say what you found: fluxcybers executions settle ${id}${which} --found WHAT --reason WHY`,
    ...ask,
    "  succeeded  it ran, and did what it should",
    "  failed     it ran, and did not",
    "  not-run    it did not run",
    ""
  ].join("\n")
}

const nothingUnknown = ({ id, state }: Execution) =>
  new CliFailure({
    exit: "failure",
    code: "not-unknown",
    title: "Nothing unknown",
    detail: `Nothing of ${id} is unknown: it is ${state}. Nothing was changed.`
  })

const notUnknown = (target: string, runs: ReadonlyArray<Run>) =>
  usageFailure(
    `The run on "${target}" is not unknown; these are: ${runs.map(({ targetName }) => targetName).join(", ")}. Nothing was changed.`
  )
