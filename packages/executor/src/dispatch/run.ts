// One run: start it once, record what it writes, stop it when it must stop, and settle how it ended.
import { SecretReader } from "@fluxcybers/core"
import { Cause, Deferred, Effect, Exit } from "effect"
import type { RunContext } from "../executor.ts"
import { shippedForms } from "../mask-forms/shipped.ts"
import type { RunRow } from "../store/rows.ts"
import { type GatheredChunk, makeRecorder } from "../transcript/recorder.ts"
import type { Held } from "./claim.ts"
import { endingOf, type StopReason, stoppedEnding } from "./ending.ts"
import { finishRecording, meteredOutput } from "./metered-output.ts"
import { performRecoverable } from "./recoverable-run.ts"
import { runSecrets } from "./run-secrets.ts"
import type { Settlement } from "./settle.ts"
import { untilStopped } from "./stoppable.ts"

/** How long a run may take to confirm that it stopped; after that nobody knows whether it did. */
const STOP_MS_MAX = 30_000

/** A run to perform. */
export interface Job {
  readonly claimed: Held
  readonly run: RunRow
  /** Done once somebody cancels the execution. */
  readonly cancelled: Deferred.Deferred<void>
  /** Appends to the execution's transcript. */
  readonly append: (chunks: ReadonlyArray<GatheredChunk>) => Effect.Effect<void>
  /** Another process has started it. */
  readonly isResumed: boolean
}

/** Performs a run that has been started; how it ended is the caller's to settle. */
export const perform = Effect.fn("Dispatcher.run")(function* (job: Job) {
  const executed = job.claimed.plan.recoverable === undefined ? Effect.scoped(execute(job)) : performRecoverable(job)
  return { run: job.run.id, ...(yield* executed) } satisfies Settlement
})

const execute = Effect.fnUntraced(function* (job: Job) {
  const { plan, executor } = job.claimed
  const stop = yield* Deferred.make<StopReason>()
  const told = (why: StopReason) => Deferred.succeed(stop, why)
  const recorder = yield* makeRecorder({
    run: job.run.id,
    forms: shippedForms,
    append: job.append,
    onFailure: told("not-recorded")
  })
  const output = meteredOutput({ recorder, plan, onLimit: told("output-limit") })
  const work = executor
    .run(runContext(job, output.write))
    .pipe(Effect.scoped, Effect.provideService(SecretReader, yield* runSecrets(job.claimed, recorder)))
  const stopped = Effect.raceAllFirst([
    Deferred.await(stop),
    Effect.as(Deferred.await(job.cancelled), "cancelled" as const),
    Effect.as(Effect.sleep(plan.timeoutMs), "timed-out" as const)
  ])
  const { why, exit } = yield* untilStopped(work, stopped, STOP_MS_MAX)
  const ending = why === undefined ? endingOf(exit) : stoppedEnding(why, plan, exit)
  if (exit !== undefined && Exit.isFailure(exit) && Cause.hasDies(exit.cause)) {
    yield* Effect.logError("An executor broke down.", recorder.masked(Cause.pretty(exit.cause)))
  }
  const finished = yield* finishRecording(recorder, ending)
  // What could not be recorded to its end is no file.
  const isFetched = plan.command._tag === "Download" && finished.state === "succeeded" && finished.detail === undefined
  return {
    ending: finished,
    outputBytes: output.bytes(),
    ...(isFetched ? { file: { ...output.file(), nonce: plan.nonce } } : {})
  }
})

export const runContext = ({ claimed, run }: Job, output: RunContext["output"]): RunContext => ({
  run: run.id,
  plan: claimed.plan,
  target: claimed.plan.targets.find(({ id }) => id === run.target),
  stdin: claimed.stdin,
  output
})
