// A run that outlives its connection and this process: it is followed, asked for again after every break, and unknown only once its
// target could not be asked for as long as the plan says.
import { SecretReader } from "@fluxcybers/core"
import { Cause, Clock, Deferred, Effect, Exit, Fiber, Option } from "effect"
import type { ExecutorResult, RunContext, RunServices } from "../executor.ts"
import { shippedForms } from "../mask-forms/shipped.ts"
import type { Recovered, StreamOffsets } from "../recovery.ts"
import { RunError } from "../run-error.ts"
import { makeRecorder, type Recorder, type Resumption } from "../transcript/recorder.ts"
import { formatDurationMs } from "../view/quantity.ts"
import { asking, type Unasked } from "./asking.ts"
import { type Ending, endingOf, type StopReason } from "./ending.ts"
import { finishRecording, meteredOutput } from "./metered-output.ts"
import { endingOfRecovered } from "./recovered-ending.ts"
import { type Job, runContext } from "./run.ts"
import { runSecrets } from "./run-secrets.ts"

/**
 * Output is read again from so far before the place up to which it is recorded: a secret that began there is still masked. Longer than
 * every encoding of a secret of 64 KiB.
 */
const REREAD_BYTES = 256 * 1024
/** How long what a stopped run wrote last is waited for. */
const LAST_OUTPUT_MS_MAX = 10_000
/** The target is told at most so long that nothing needs to be kept. */
const RELEASE_MS_MAX = 10_000

type End = Recovered<ExecutorResult> | Unasked

/** Performs a recoverable run, or goes on with one. Interrupting it leaves the run as it is. */
export const performRecoverable = (job: Job) => Effect.scoped(execute(job))

const execute = Effect.fnUntraced(function* (job: Job) {
  const stop = yield* Deferred.make<StopReason>()
  const told = (why: StopReason) => Deferred.succeed(stop, why)
  const resumption = job.isResumed ? resumptionOf(job) : undefined
  const recorder = yield* makeRecorder({
    run: job.run.id,
    forms: shippedForms,
    append: job.append,
    onFailure: told("not-recorded"),
    resumption
  })
  const { plan } = job.claimed
  const output = meteredOutput({
    recorder,
    plan,
    bytesBefore: resumption === undefined ? 0 : total(resumption.from),
    onLimit: told("output-limit")
  })
  const reader = yield* runSecrets(job.claimed, recorder)
  const visit = visits(job, { recorder, context: runContext(job, output.write), reader })
  const following = yield* Effect.forkScoped(visit.follow)
  const nowMs = yield* Clock.currentTimeMillis
  const timeLeftMs = Math.max(0, (resumption?.startedMs ?? nowMs) + plan.timeoutMs - nowMs)
  const why = yield* Effect.raceAllFirst([
    Effect.as(Fiber.await(following), undefined),
    Deferred.await(stop),
    Effect.as(Deferred.await(job.cancelled), "cancelled" as const),
    Effect.as(Effect.sleep(timeLeftMs), "timed-out" as const)
  ])
  const exit = why === undefined ? yield* Fiber.await(following) : yield* stopped(visit, following, why)
  yield* logDefect(exit, recorder)
  const ending = yield* finishRecording(recorder, endingFrom(job, exit, why))
  const outputBytes = total(recorder.taken())
  return { ending, outputBytes, ...(ending.state === "unknown" ? {} : { release: visit.release }) }
})

const total = ({ stdout, stderr }: StreamOffsets): number => stdout + stderr

const resumptionOf = (job: Job): Resumption => {
  const { stdout_position: stdout, stderr_position: stderr } = job.run
  const from = { stdout: Math.max(0, stdout - REREAD_BYTES), stderr: Math.max(0, stderr - REREAD_BYTES) }
  return { startedMs: Date.parse(job.run.started_at!), recorded: { stdout, stderr }, from }
}

interface Visiting {
  readonly recorder: Recorder
  readonly context: RunContext
  readonly reader: SecretReader["Service"]
}

/** What is done on the target, each as often as it takes. */
const visits = (job: Job, { recorder, context, reader }: Visiting) => {
  const { plan, executor } = job.claimed
  const { recovery } = executor
  if (recovery === undefined) throw new Error(`the executor ${executor.id} cannot recover runs`)
  const { askMs } = plan.recoverable!
  const provide = <A, E>(effect: Effect.Effect<A, E, RunServices>) =>
    effect.pipe(Effect.scoped, Effect.provideService(SecretReader, reader))
  let isHidden = !job.isResumed
  /** Output that is read by a process which did not start the run is masked all the same. */
  const hide = Effect.suspend(() =>
    isHidden ? Effect.void : Effect.forEach(plan.secrets, ({ name }) => reader.reveal(name))
  ).pipe(
    Effect.mapError((reason) => new RunError({ executor: executor.id, reason })),
    Effect.tap(() =>
      Effect.sync(() => {
        isHidden = true
      })
    )
  )
  const attempt = (isNew: boolean) =>
    Effect.andThen(
      hide,
      Effect.suspend(() => provide(recovery.follow({ ...context, from: recorder.taken(), isNew })))
    )
  const askAgain = asking(askMs, attempt(false))
  return {
    follow: (job.isResumed ? askAgain : Effect.catchIf(attempt(true), mayHaveStarted, () => askAgain)) as Effect.Effect<
      End,
      RunError
    >,
    stop: (why: StopReason): Effect.Effect<End, RunError> => asking(askMs, provide(recovery.stop(context, why))),
    release: provide(recovery.release(context)).pipe(
      Effect.timeoutOption(RELEASE_MS_MAX),
      Effect.catchCause((cause) => Effect.logDebug("A target could not be told that a result was fetched.", cause)),
      Effect.asVoid
    )
  }
}

const mayHaveStarted = ({ reason }: RunError): boolean => reason._tag === "ConnectionLost"

/** What was told to stop still hands over what it wrote last, unless that is what must not go on. */
const stopped = Effect.fnUntraced(function* (
  visit: ReturnType<typeof visits>,
  following: Fiber.Fiber<End, RunError>,
  why: StopReason
) {
  const isOutputWanted = why === "cancelled" || why === "timed-out"
  if (!isOutputWanted) yield* Fiber.interrupt(following)
  const told = yield* Effect.exit(visit.stop(why))
  const followed = yield* Effect.timeoutOption(Fiber.await(following), LAST_OUTPUT_MS_MAX)
  yield* Fiber.interrupt(following)
  return Option.isSome(followed) && Exit.isSuccess(followed.value) ? followed.value : told
})

const endingFrom = (job: Job, exit: Exit.Exit<End, RunError>, why: StopReason | undefined): Ending => {
  if (Exit.isFailure(exit)) return endingOf(Exit.failCause(exit.cause))
  const { plan } = job.claimed
  const end = exit.value
  if (end._tag !== "Unasked") return endingOfRecovered(end, plan, why)
  const asked = formatDurationMs(plan.recoverable!.askMs)
  const detail = `The target gave no answer for ${asked}. ${UNASKED} The last attempt: ${end.reason.message}`
  return { state: "unknown", detail }
}

const UNASKED = "The command may have finished, or may still run there."

const logDefect = (exit: Exit.Exit<End, RunError>, recorder: Recorder) =>
  Exit.isFailure(exit) && Cause.hasDies(exit.cause)
    ? Effect.logError("An executor broke down.", recorder.masked(Cause.pretty(exit.cause)))
    : Effect.void
