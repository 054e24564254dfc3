// Going over the targets of an execution: what starts when, until all have ended or nothing more may start.
import { Database } from "@fluxcybers/core"
import { Effect, FiberSet, Queue } from "effect"
import { Changes } from "../changes.ts"
import type { RunState } from "../execution.ts"
import { nextStep } from "../rollout.ts"
import { lockExecution } from "../store/execution-writes.ts"
import type { RunRow } from "../store/rows.ts"
import { type Claimed, DISPATCHER } from "./claim.ts"
import { type SkipCause, settleExecution, skipWaiting } from "./settle.ts"
import { retryStorage } from "./storage-retry.ts"

interface RollOut<R> {
  readonly claimed: Claimed
  /** In the order of the plan. */
  readonly runs: ReadonlyArray<RunRow>
  readonly concurrencyDefault: number
  /** Starts the run if it may start, and answers its state once it has ended. */
  readonly perform: (run: RunRow) => Effect.Effect<RunState, never, R>
}

/** Ends when every run has. A defect in one of them ends all. */
export const rollOut = Effect.fnUntraced(function* <R>({ claimed, runs, concurrencyDefault, perform }: RollOut<R>) {
  const rollout = { ...claimed.plan.rollout, concurrency: claimed.plan.rollout?.concurrency ?? concurrencyDefault }
  const states = runs.map(({ state }) => state)
  const ended = yield* Queue.unbounded<{ readonly position: number; readonly state: RunState }>()
  const working = yield* FiberSet.make<void, never>()
  let isSkipping = false
  const go = Effect.gen(function* () {
    while (true) {
      const step = nextStep(states, rollout)
      if (step._tag === "Skip" && !isSkipping) {
        isSkipping = true
        yield* skipRest(claimed, step.why)
      }
      for (const position of step._tag === "Start" ? step.positions : []) {
        states[position] = "running"
        const work = Effect.flatMap(perform(runs[position]!), (state) => Queue.offer(ended, { position, state }))
        yield* FiberSet.run(working, Effect.asVoid(work), { propagateInterruption: true })
      }
      if (!states.includes("running")) return
      const { position, state } = yield* Queue.take(ended)
      states[position] = state
    }
  })
  yield* Effect.raceFirst(go, FiberSet.join(working))
}, Effect.scoped)

/** Nothing more of it starts. What others have settled meanwhile stays as it is. */
export const skipRest = Effect.fnUntraced(function* ({ header: { id }, boot }: Claimed, why: SkipCause) {
  const skip = Effect.gen(function* () {
    const header = yield* lockExecution(id)
    if (header?.state !== "running" || header.claimed_boot !== boot) return
    yield* skipWaiting({ header, why, actor: DISPATCHER })
    yield* settleExecution(header, DISPATCHER)
  })
  yield* (yield* Database).transaction(skip).pipe(retryStorage())
  yield* (yield* Changes).announce(id)
})
