// Running: a plan and nothing else decides what happens, and it ends in one of the ways that are declared.
import assert from "node:assert/strict"
import { Effect, Exit } from "effect"
import type { TestOutcome } from "../testing/test-host.ts"
import type { ExecutorCase, ExecutorSubject } from "./subject.ts"
import { planOf, runInput, runOf, withExecutor } from "./try-executor.ts"

export const runningCases = (subject: ExecutorSubject): ReadonlyArray<ExecutorCase> => [
  ...subject.valid.map((input) => ({
    name: `MUST run ${JSON.stringify(input)}`,
    run: () => withExecutor(subject, (executor) => Effect.map(runInput(subject, executor, input), succeeded))
  })),
  {
    name: "MUST run the plan that it is given, and know nothing else of its input",
    run: () => Effect.runPromise(knowsItsPlanOnly(subject))
  },
  ...(subject.failing ?? []).map((input) => ({
    name: `MUST fail with nothing but a RunError for ${JSON.stringify(input)}`,
    run: () =>
      withExecutor(subject, (executor) =>
        Effect.gen(function* () {
          const { exit } = yield* runInput(subject, executor, input)
          assert.ok(Exit.isFailure(exit), "The run did not fail.")
          const [reason, ...more] = exit.cause.reasons
          assert.deepEqual(more, [])
          assert.equal(reason?._tag, "Fail", "It broke down instead of failing as declared.")
          assert.equal(reason.error._tag, "RunError")
          assert.equal(reason.error.executor, executor.id)
        })
      )
  }))
]

const succeeded = ({ exit }: TestOutcome): void => {
  assert.ok(Exit.isSuccess(exit), `The run failed: ${Exit.isFailure(exit) ? exit.cause.reasons.join("; ") : ""}`)
  assert.ok(exit.value.isSuccess, "The run says that it did not succeed.")
}

/**
 * The plan is made in one executor, stored and read as a host does, and run by another one, which has just planned another input. Where two
 * ordinary runs of one plan write the same, this one must write it too.
 */
const knowsItsPlanOnly = Effect.fnUntraced(function* (subject: ExecutorSubject) {
  const [input, other = input] = subject.valid
  const made = yield* Effect.scoped(Effect.flatMap(subject.make, (executor) => planOf(subject, executor, input)))
  const [first, second] = yield* Effect.forEach([1, 2], () =>
    Effect.scoped(Effect.flatMap(subject.make, (executor) => runInput(subject, executor, input)))
  )
  const strange = yield* Effect.scoped(
    Effect.gen(function* () {
      const executor = yield* subject.make
      yield* executor.plan(other)
      return yield* runOf(subject, executor, made)
    })
  )
  succeeded(strange)
  if (written(first!) === written(second!)) assert.equal(written(strange), written(first!))
})

const written = ({ exit, stdout, stderr }: TestOutcome): string =>
  JSON.stringify([Exit.isSuccess(exit) && exit.value, `${stdout}`, `${stderr}`])
