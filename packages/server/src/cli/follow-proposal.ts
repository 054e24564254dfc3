// What comes after a proposal: it is shown, waited for, streamed, and its status becomes our own.
import { randomUUID } from "node:crypto"
import type { Execution } from "@fluxcybers/executor"
import { Effect } from "effect"
import type { CallApi } from "./api.ts"
import { OutputCapture } from "./captured-output.ts"
import { viewOf } from "./decide.ts"
import { executionView, type Viewed } from "./execution-view.ts"
import { CliFailure, ExitWith } from "./failure.ts"
import { summaryText } from "./fleet-view.ts"
import { Json } from "./global-flags.ts"
import { liveFleet, terminal } from "./live-fleet.ts"
import { liveOutput } from "./live-output.ts"
import { moment } from "./moment.ts"
import { answer, note } from "./output.ts"
import { peopleNames } from "./people.ts"
import { seeThrough } from "./run-course.ts"
import { exitName, isOwnEnding, runStatus } from "./run-outcome.ts"

const PROPOSE_RETRIES = 3

/** The same key for every attempt: an answer that got lost on its way must not become a second execution. */
export const proposeOnce = <R>(
  propose: (headers: { readonly "idempotency-key": string }) => Effect.Effect<Execution, CliFailure, R>
) => {
  const attempt = propose({ "idempotency-key": randomUUID() })
  return Effect.retry(attempt, { times: PROPOSE_RETRIES, while: (failure) => failure.code === "connection-lost" })
}

/** Shows what was proposed, and unless told otherwise waits for its end and exits with its status. */
export const followProposal = Effect.fnUntraced(function* (proposed: {
  readonly api: CallApi
  readonly execution: Execution
  readonly detach: boolean
  readonly raw: boolean
  readonly quiet: boolean
}) {
  const { api, execution, detach, raw, quiet } = proposed
  const shown = yield* viewOf(api, execution)
  if (execution.requirement._tag === "BreakGlass") yield* note(glassBrokenText(execution.id, execution.requirement))
  if (detach) return yield* answer(execution, () => `${execution.id}\n`)
  // For a person to read; in a script it would only mix with what the remote command writes.
  if (!quiet && process.stderr.isTTY) yield* note(yield* planText(api, shown))
  const ended = (yield* Json)
    ? yield* capture({ api, execution })
    : yield* stream({ api, execution, isRaw: raw, isQuiet: quiet })
  return yield* endOf(ended)
})

/** Said also with --quiet: nobody should break the glass without noticing. */
const glassBrokenText = (id: string, { reviewBy }: { readonly reviewBy: string }): string =>
  `GLASS BROKEN. It runs now, and everybody can see that. Another person must review it by ${moment(reviewBy)}:\n` +
  `fluxcybers policy close-review ${id} --conclusion WHAT`

const planText = Effect.fnUntraced(function* (api: CallApi, shown: Viewed) {
  const names = yield* peopleNames(api)
  return executionView(shown, { names, columns: process.stderr.columns })
})

const stream = Effect.fnUntraced(function* (course: {
  readonly api: CallApi
  readonly execution: Execution
  readonly isRaw: boolean
  readonly isQuiet: boolean
}) {
  const { runs } = course.execution
  const names = new Map(runs.map(({ id, targetName }) => [id as string, targetName]))
  const output = liveOutput(names, course.isRaw)
  if (runs.length < 2 || course.isQuiet) {
    const ended = yield* seeThrough({ ...course, onOutput: output.write })
    yield* output.finish
    return ended
  }
  const fleet = liveFleet(runs, output.write, terminal)
  const drawn = process.stderr.isTTY ? { onRuns: fleet.onRuns } : {}
  const ended = yield* seeThrough({ ...course, onOutput: fleet.write, ...drawn })
  yield* fleet.finish
  yield* output.finish
  yield* note(summaryText(ended))
  return ended
})

/** With `--json`: everything in one document at the end. */
const capture = Effect.fnUntraced(function* (course: { readonly api: CallApi; readonly execution: Execution }) {
  const captured = new OutputCapture()
  const onOutput = (piece: Parameters<OutputCapture["add"]>[0]) => Effect.sync(() => captured.add(piece))
  const ended = yield* seeThrough({ ...course, isQuiet: true, onOutput })
  yield* answer({ execution: ended, output: captured.of(ended.runs), exit: runStatus(ended) }, () => "")
  return ended
})

/** A remote status says all there is to say; anything else is explained. */
const endOf = (ended: Execution): Effect.Effect<void, CliFailure | ExitWith> => {
  const name = exitName(ended)
  if (name === "ok") return Effect.void
  const failed = ended.runs.filter(({ state }) => state === "failed")
  if (name === "failure" && failed.length > 0 && failed.every(isOwnEnding))
    return new ExitWith({ exitCode: runStatus(ended) })
  return new CliFailure({
    exit: name,
    code: `execution-${ended.state}`,
    title: TITLES[name] ?? "Did not succeed",
    detail: endText(ended)
  })
}

const TITLES: Readonly<Record<string, string>> = {
  failure: "Failed",
  declined: "Did not run",
  "plan-changed": "Refused: the plan no longer matches",
  "unknown-outcome": "Outcome unknown",
  "timed-out": "Timed out",
  cancelled: "Cancelled"
}

/** Of a fleet the summary has told the others. */
const SENTENCES_MAX = 20

const endText = ({ id, state, detail, runs }: Execution): string => {
  const sentences = runs
    .slice(0, runs.length > SENTENCES_MAX ? 0 : SENTENCES_MAX)
    .flatMap(({ targetName, outcome }) => (outcome?.detail === undefined ? [] : [`${targetName}: ${outcome.detail}`]))
  const own = detail === undefined || sentences.some((sentence) => sentence.includes(detail)) ? [] : [detail]
  return [
    ...own,
    ...sentences,
    ...(own.length + sentences.length === 0 ? [`It ended as ${state}.`] : []),
    `Details: fluxcybers executions show ${id}`
  ].join("\n")
}
