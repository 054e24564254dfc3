// Planning: pure, equal for equal input, and nothing is planned of what is not valid.
import assert from "node:assert/strict"
import { Effect, Result } from "effect"
import type { Executor, PlanDraft } from "../executor.ts"
import { brokenLimit } from "../plan-limits.ts"
import type { ExecutorCase, ExecutorSubject } from "./subject.ts"
import { planOf, withExecutor } from "./try-executor.ts"

const DAY_MS = 86_400_000

export const planningCases = (subject: ExecutorSubject): ReadonlyArray<ExecutorCase> => [
  {
    name: "MUST plan equal input equally, without changing it, whatever the time and the dice say",
    run: () =>
      withExecutor(subject, (executor) =>
        Effect.forEach(subject.valid, (input) =>
          Effect.gen(function* () {
            const first = yield* drafted(executor, deepFreeze(structuredClone(input)))
            assert.deepEqual(yield* drafted(executor, structuredClone(input)), first)
            assert.deepEqual(yield* elsewhen(drafted(executor, structuredClone(input))), first)
          })
        )
      )
  },
  {
    name: "MUST plan within the limits of plans",
    run: () =>
      withExecutor(subject, (executor) =>
        Effect.forEach(subject.valid, (input) =>
          Effect.gen(function* () {
            const { plan, draft } = yield* planOf(subject, executor, input)
            assert.equal(brokenLimit(plan, draft.stdin), undefined)
          })
        )
      )
  },
  ...subject.invalid.map((input) => ({
    name: `MUST refuse the input ${JSON.stringify(input) ?? String(input)}`,
    run: () =>
      withExecutor(subject, (executor) =>
        Effect.gen(function* () {
          const result = yield* Effect.result(executor.plan(input))
          assert.ok(Result.isFailure(result), "It planned an input that is not valid.")
          assert.equal(result.failure._tag, "SchemaError")
        })
      )
  }))
]

const drafted = (executor: Executor, input: unknown): Effect.Effect<PlanDraft, unknown> =>
  Effect.map(executor.plan(input), (draft) => structuredClone(draft))

/** On another day, with other random numbers. */
const elsewhen = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      const before = { now: Date.now, random: Math.random }
      Date.now = () => before.now() + DAY_MS
      Math.random = () => 1 - before.random()
      return before
    }),
    () => effect,
    ({ now, random }) =>
      Effect.sync(() => {
        Date.now = now
        Math.random = random
      })
  )

const deepFreeze = <A>(value: A): A => {
  if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value)) {
    for (const part of Object.values(value)) deepFreeze(part)
    Object.freeze(value)
  }
  return value
}
