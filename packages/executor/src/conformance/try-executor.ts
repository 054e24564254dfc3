// Trying an executor: made, used in a host as small as one can be, and released.
import { Effect } from "effect"
import type { Executor } from "../executor.ts"
import { planInTestHost, runPlanInTestHost, type TestPlan } from "../testing/test-host.ts"
import type { ExecutorSubject } from "./subject.ts"

export const withExecutor = (
  subject: ExecutorSubject,
  test: (executor: Executor) => Effect.Effect<unknown, unknown>
): Promise<void> => Effect.runPromise(Effect.scoped(Effect.asVoid(Effect.flatMap(subject.make, test))))

const given = (subject: ExecutorSubject) => ({ target: subject.target?.(), secrets: subject.secrets?.() })

export const planOf = (subject: ExecutorSubject, executor: Executor, input: unknown) =>
  planInTestHost({ executor, input, ...given(subject) })

/** Runs a plan that was made before, by whichever executor of the same kind. */
export const runOf = (subject: ExecutorSubject, executor: Executor, made: TestPlan, cancel?: Effect.Effect<unknown>) =>
  runPlanInTestHost(made, { executor, ...given(subject), cancel })

export const runInput = Effect.fnUntraced(function* (
  subject: ExecutorSubject,
  executor: Executor,
  input: unknown,
  cancel?: Effect.Effect<unknown>
) {
  return yield* runOf(subject, executor, yield* planOf(subject, executor, input), cancel)
})
