// One run: start it once, record what it writes, stop it when it must stop, and settle how it ended.
import { SecretReader } from "@fluxcybers/core"
import { Cause, Deferred, Effect, Exit } from "effect"
import { Changes } from "../changes.ts"
import type { RunContext } from "../executor.ts"
import { instant } from "../instant.ts"
import { startRun } from "../store/execution-writes.ts"
import type { RunRow } from "../store/rows.ts"
import { type GatheredChunk, makeRecorder } from "../transcript/recorder.ts"
import { type Claimed, DISPATCHER } from "./claim.ts"
import { type Ending, endingOf, type StopReason, stoppedEnding } from "./ending.ts"
import { meteredOutput } from "./metered-output.ts"
import { runSecrets } from "./run-secrets.ts"
import { settleRun } from "./settle.ts"
import { untilStopped } from "./stoppable.ts"
import { retryStorage } from "./storage-retry.ts"

/** How long a run may take to confirm that it stopped; after that nobody knows whether it did. */
const STOP_MS_MAX = 30_000

/** A run to perform. */
export interface Job {
  readonly claimed: Claimed
  readonly run: RunRow
  /** Done once somebody cancels the execution. */
  readonly cancelled: Deferred.Deferred<void>
  /** Appends to the execution's transcript. */
  readonly append: (chunks: ReadonlyArray<GatheredChunk>) => Effect.Effect<void>
}

/** Starts the run, unless it may not start any more, and settles it. */
export const perform = Effect.fn("Dispatcher.run")(function* (job: Job) {
  const { claimed, run } = job
  const execution = claimed.header.id
  const start = { id: run.id, execution, boot: claimed.boot, at: yield* instant() }
  const hasStarted = yield* startRun(start).pipe(retryStorage())
  if (!hasStarted) return yield* settle(job, { ending: NOT_WANTED, outputBytes: 0, hasStarted })
  yield* (yield* Changes).announce(execution)
  yield* settle(job, yield* Effect.scoped(execute(job)))
})

const NOT_WANTED: Ending = { state: "cancelled", detail: "It was cancelled before it was started. It did not run." }

interface Result {
  readonly ending: Ending
  readonly outputBytes: number
  readonly hasStarted: boolean
}

const settle = Effect.fnUntraced(function* ({ claimed, run }: Job, result: Result) {
  yield* settleRun({ execution: claimed.header.id, run: run.id, actor: DISPATCHER, ...result }).pipe(retryStorage())
  yield* (yield* Changes).announce(claimed.header.id)
})

const execute = Effect.fnUntraced(function* (job: Job) {
  const { plan, executor } = job.claimed
  const stop = yield* Deferred.make<StopReason>()
  const told = (why: StopReason) => Deferred.succeed(stop, why)
  const recorder = yield* makeRecorder({ run: job.run.id, append: job.append, onFailure: told("not-recorded") })
  const output = meteredOutput({ recorder, bytesMax: plan.outputBytesMax, onLimit: told("output-limit") })
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
  const finished = yield* Effect.exit(recorder.finish)
  const detail = [
    ...(ending.detail === undefined ? [] : [recorder.masked(ending.detail)]),
    ...(Exit.isSuccess(finished) ? [] : ["The end of its output could not be recorded."])
  ].join(" ")
  if (exit !== undefined && Exit.isFailure(exit) && Cause.hasDies(exit.cause)) {
    yield* Effect.logError("An executor broke down.", recorder.masked(Cause.pretty(exit.cause)))
  }
  return { ending: detail === "" ? ending : { ...ending, detail }, outputBytes: output.bytes(), hasStarted: true }
})

const runContext = ({ claimed, run }: Job, output: RunContext["output"]): RunContext => ({
  run: run.id,
  plan: claimed.plan,
  target: claimed.plan.targets.find(({ id }) => id === run.target),
  stdin: claimed.stdin,
  output
})
