// `run`: proposes a command, shows exactly what would run, waits for who must agree, streams it, and exits with its status.
import { randomUUID } from "node:crypto"
import type { Execution, Rollout } from "@fluxcybers/executor"
import { Effect, Option } from "effect"
import { Command } from "effect/cli"
import { type CallApi, connect } from "./api.ts"
import { OutputCapture } from "./captured-output.ts"
import { viewOf } from "./decide.ts"
import { executionView, type Viewed } from "./execution-view.ts"
import { CliFailure, ExitWith } from "./failure.ts"
import { fleetOf } from "./fleet-flags.ts"
import { summaryText } from "./fleet-view.ts"
import { Json } from "./global-flags.ts"
import { Usage } from "./help-page.ts"
import { liveFleet, terminal } from "./live-fleet.ts"
import { liveOutput } from "./live-output.ts"
import { moment } from "./moment.ts"
import { answer, note } from "./output.ts"
import { present } from "./parameters.ts"
import { peopleNames } from "./people.ts"
import { proposedInput } from "./proposal.ts"
import { seeThrough } from "./run-course.ts"
import { runFlags } from "./run-flags.ts"
import { exitName, isOwnEnding, runStatus } from "./run-outcome.ts"

const PROPOSE_RETRIES = 3

export const run = Command.make(
  "run",
  runFlags,
  Effect.fnUntraced(function* ({ executor, reason, ticket, breakGlass, detach, raw, quiet, ...proposal }) {
    const input = yield* proposedInput(proposal)
    const api = yield* connect
    const execution = yield* propose(api, {
      executor,
      input,
      ...fleetOf(proposal),
      ...justification({ reason, ticket }),
      ...(breakGlass ? { breakGlass } : {})
    })
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
).pipe(
  Command.withDescription(
    "Propose a command, show exactly what would run, wait for approval, stream its output, and exit with its status"
  ),
  Command.withShortDescription("Propose a command, wait for approval, stream its output, exit with its status"),
  Command.annotate(Usage, "fluxcybers run -t TARGET [--on tag:TAG...] [flags] -- COMMAND [ARGUMENT...]"),
  Command.withExamples([
    { command: "fluxcybers run -t web-1 -- df -h" },
    { command: "fluxcybers run -t web-1 -t web-2 --timeout 5m --script deploy.sh" },
    {
      command: "fluxcybers run --on tag:web+eu --canary 2 --batch 20 --stop-after 3 -- systemctl restart nginx",
      description: "On everything with both tags: two first, and the rest only when these succeed"
    },
    { command: "fluxcybers run -t db-1 --secret-env PGPASSWORD=db/password -- pg_dump shop > shop.sql" },
    {
      command: "fluxcybers run -t web-1 --detach -- systemctl restart nginx",
      description: "Somebody approves it later"
    },
    { command: "fluxcybers run --executor acme.restart --input restart.json", description: "What a plugin does" }
  ])
)

interface Proposed extends Pick<Execution, "reason" | "ticket"> {
  readonly breakGlass?: boolean
  readonly executor: string
  readonly input: unknown
  readonly targets: ReadonlyArray<string>
  readonly rollout?: Rollout
}

const justification = (flags: { readonly [K in "reason" | "ticket"]: Option.Option<string> }) =>
  present({ reason: Option.getOrUndefined(flags.reason), ticket: Option.getOrUndefined(flags.ticket) })

/** The same key for every attempt: an answer that got lost on its way must not become a second execution. */
const propose = Effect.fnUntraced(function* (api: CallApi, payload: Proposed) {
  const headers = { "idempotency-key": randomUUID() }
  return yield* Effect.retry(
    api((client) => client.executions.propose({ headers, payload })),
    { times: PROPOSE_RETRIES, while: (failure) => failure.code === "connection-lost" }
  )
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
