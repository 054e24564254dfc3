// Going over the targets of an execution: what starts when, until all have ended or nothing more may start.
import { Database } from "@fluxcybers/core"
import { Effect, FiberSet, Queue } from "effect"
import { Changes } from "../changes.ts"
import type { RunState } from "../execution.ts"
import { nextStep } from "../rollout.ts"
import { isRecordingRequired } from "../rules.ts"
import { lockExecution } from "../store/execution-writes.ts"
import type { RunRow } from "../store/rows.ts"
import { DISPATCHER, type Held } from "./claim.ts"
import { type Settlement, type SkipCause, settleExecution, settleRuns, skipWaiting } from "./settle.ts"
import { startRuns } from "./start-runs.ts"
import { retryStorage } from "./storage-retry.ts"

interface RollOut<R> {
  readonly claimed: Held
  /** In the order of the plan. Those that are running go on. */
  readonly runs: ReadonlyArray<RunRow>
  readonly concurrencyDefault: number
  /** Can be recorded what these runs will write? Asked before they start, where that is demanded. */
  readonly canRecord: (runs: ReadonlyArray<RunRow>) => Effect.Effect<boolean>
  /** Performs a run that has been started, and answers how it ended. */
  readonly perform: (run: RunRow) => Effect.Effect<Settlement, never, R>
}

/** So many endings are settled in one transaction. */
const SETTLED_AT_ONCE_MAX = 100

/** Targets are given so long to clear away what nobody needs any more; by themselves they do it later. */
const RELEASE_MS_MAX = 15_000

/** Ends when every run has. A defect in one of them ends all. */
export const rollOut = Effect.fnUntraced(function* <R>(rolling: RollOut<R>) {
  const { claimed, runs, concurrencyDefault, perform } = rolling
  const rollout = { ...claimed.plan.rollout, concurrency: claimed.plan.rollout?.concurrency ?? concurrencyDefault }
  const states = new Map(runs.map(({ id, state }) => [id, state]))
  const ended = yield* Queue.unbounded<Settlement>()
  const working = yield* FiberSet.make<void, never>()
  const releasing = yield* FiberSet.make<void, never>()
  const work = (run: RunRow) =>
    FiberSet.run(working, Effect.asVoid(Effect.flatMap(perform(run), (settlement) => Queue.offer(ended, settlement))), {
      propagateInterruption: true
    })
  const begin = Effect.fnUntraced(function* (chosen: ReadonlyArray<RunRow>) {
    const now = yield* startOrSkip(rolling, chosen)
    yield* (yield* Changes).announce(claimed.header.id)
    for (const [id, state] of now) if (states.get(id) === "waiting") states.set(id, state)
    for (const run of chosen) if (now.get(run.id) === "running") yield* work(run)
  })
  const settle = Effect.gen(function* () {
    yield* Queue.peek(ended)
    // Runs on other connections may have ended by now too.
    yield* Effect.yieldNow
    const settlements = yield* Queue.takeBetween(ended, 1, SETTLED_AT_ONCE_MAX)
    const settled = yield* settleRuns(claimed, settlements).pipe(retryStorage())
    yield* (yield* Changes).announce(claimed.header.id)
    for (const { run, release } of settlements) {
      if (release !== undefined && settled.has(run)) yield* FiberSet.run(releasing, release)
    }
    for (const { run, ending } of settlements) states.set(run, ending.state)
  })
  const go = Effect.gen(function* () {
    for (const run of runs) if (run.state === "running") yield* work(run)
    let hasSkipped = false
    while (true) {
      const step = nextStep([...states.values()], rollout)
      if (step._tag === "Start" && step.positions.length > 0) {
        yield* begin(step.positions.map((position) => runs[position]!))
        continue
      }
      if (step._tag === "Skip" && !hasSkipped) {
        hasSkipped = true
        yield* skipRest(claimed, step.why)
      }
      if (![...states.values()].includes("running")) return
      yield* settle
    }
  })
  yield* Effect.raceFirst(go, FiberSet.join(working))
  yield* Effect.timeoutOption(FiberSet.awaitEmpty(releasing), RELEASE_MS_MAX)
}, Effect.scoped)

/** The states of runs that were waiting: of those that were chosen, or of all when nothing may start because it cannot be recorded. */
const startOrSkip = Effect.fnUntraced(function* <R>(
  { claimed, runs, canRecord }: RollOut<R>,
  chosen: ReadonlyArray<RunRow>
) {
  if (!isRecordingRequired(claimed.header.requirement) || (yield* canRecord(chosen))) {
    return yield* startRuns(claimed, chosen).pipe(retryStorage())
  }
  yield* skipRest(claimed, "not-recordable")
  return new Map(runs.map(({ id }) => [id, "skipped" as RunState]))
})

/** Nothing more of it starts. What others have settled meanwhile stays as it is. */
export const skipRest = Effect.fnUntraced(function* ({ header: { id }, boot }: Held, why: SkipCause) {
  const skip = Effect.gen(function* () {
    const header = yield* lockExecution(id)
    if (header?.state !== "running" || header.claimed_boot !== boot) return
    yield* skipWaiting({ header, why, actor: DISPATCHER })
    yield* settleExecution(header, DISPATCHER)
  })
  yield* (yield* Database).transaction(skip).pipe(retryStorage())
  yield* (yield* Changes).announce(id)
})
