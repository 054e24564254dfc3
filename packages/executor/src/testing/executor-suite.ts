// The conformance suite of executors, for vitest. Every executor passes it, ours and those of plugins.
import { Cause, Effect, Exit, type Scope } from "effect"
import { describe, expect, it } from "vitest"
import type { Executor } from "../executor.ts"
import type { PinnedTarget } from "../plan.ts"
import { brokenLimit } from "../plan-limits.ts"
import { RunError } from "../run-error.ts"
import { runInTestHost, type TestOutcome } from "./test-host.ts"

/** What a stopped executor gets to end its work, before the host calls the outcome unknown. */
const STOP_MS_MAX = 20_000
const TEST_MS_MAX = 60_000
const CANARY = "canary-value-5f1c0d9e7b"
const CANARY_NAME = "suite/canary"

/** An executor and the inputs that the suite tries it with. */
export interface ExecutorSubject {
  /** Makes the executor; what it keeps is released after each test. */
  readonly make: Effect.Effect<Executor, unknown, Scope.Scope>
  /** The target of every run, asked for when a test begins. */
  readonly target?: () => PinnedTarget
  /** Values of secrets by name, asked for when a test begins. */
  readonly secrets?: () => Readonly<Record<string, string>>
  /** Inputs that are run, and succeed within seconds. At least one. */
  readonly valid: ReadonlyArray<unknown>
  /** Inputs that are refused. At least one. */
  readonly invalid: ReadonlyArray<unknown>
  /** Inputs whose run fails: no such program, an address where nobody listens. */
  readonly failing?: ReadonlyArray<unknown>
  /** An input whose run prints the secret of the given name, if the executor can be made to do that. */
  readonly printing?: (secret: string) => unknown
  /** An input that runs for more than a minute with a time limit of 1 s, if there is one. */
  readonly endless?: unknown
  /** An input that prints more than its limit of output, if there is one. */
  readonly flooding?: unknown
  /** What of earlier runs still goes on, as text for the report; nothing after a run was stopped. */
  readonly leftovers?: () => Promise<ReadonlyArray<string>>
}

/** Declares the suite for an executor. What the subject leaves out is not tested. */
export const executorSuite = (name: string, subject: ExecutorSubject): void => {
  describe(`${name} is an executor`, () => {
    planning(subject)
    running(subject)
    keepingSecrets(subject)
    stopping(subject)
  })
}

const planning = (subject: ExecutorSubject) => {
  it("MUST plan equal input equally, without changing it", () =>
    withExecutor(subject, (executor) =>
      Effect.gen(function* () {
        for (const input of subject.valid) {
          const frozen = deepFreeze(structuredClone(input))
          const first = yield* executor.plan(frozen)
          expect(yield* executor.plan(structuredClone(input))).toEqual(first)
        }
      })
    ))

  it("MUST plan within the limits of plans", () =>
    withExecutor(subject, (executor) =>
      Effect.gen(function* () {
        for (const input of subject.valid) {
          const { plan } = yield* run(subject, executor, input)
          expect(brokenLimit(plan)).toBeUndefined()
        }
      })
    ))

  it.each(subject.invalid.map((input) => [JSON.stringify(input) ?? String(input), input] as const))(
    "MUST refuse the input %s",
    (_, input) =>
      withExecutor(subject, (executor) =>
        Effect.gen(function* () {
          const error = yield* Effect.flip(executor.plan(input))
          expect(error._tag).toBe("SchemaError")
        })
      )
  )
}

const running = (subject: ExecutorSubject) => {
  it.each(subject.valid.map((input) => [JSON.stringify(input), input] as const))(
    "MUST run %s",
    (_, input) =>
      withExecutor(subject, (executor) =>
        Effect.gen(function* () {
          const { exit } = yield* run(subject, executor, input)
          expect(exit).toMatchObject({ _tag: "Success", value: { isSuccess: true } })
        })
      ),
    TEST_MS_MAX
  )

  it.each((subject.failing ?? []).map((input) => [JSON.stringify(input), input] as const))(
    "MUST fail with nothing but a RunError for %s",
    (_, input) =>
      withExecutor(subject, (executor) =>
        Effect.gen(function* () {
          const { exit } = yield* run(subject, executor, input)
          const reasons = Exit.isFailure(exit) ? exit.cause.reasons : []
          expect(reasons).toHaveLength(1)
          expect(reasons[0]).toMatchObject({ _tag: "Fail", error: { _tag: "RunError", executor: executor.id } })
        })
      ),
    TEST_MS_MAX
  )
}

const keepingSecrets = (subject: ExecutorSubject) => {
  const { printing } = subject
  if (printing === undefined) return
  const secrets = () => ({ ...subject.secrets?.(), [CANARY_NAME]: CANARY })

  it(
    "MUST NOT put a secret into plan, result or unmasked output",
    () =>
      withExecutor(subject, (executor) =>
        Effect.gen(function* () {
          const outcome = yield* run({ ...subject, secrets }, executor, printing(CANARY_NAME))
          expect(everythingOf(outcome)).not.toContain(CANARY)
          expect(`${outcome.stdout}${outcome.stderr}`).toContain("***")
        })
      ),
    TEST_MS_MAX
  )

  it(
    "MUST NOT run with a secret that it is not given, and fails as SecretDenied",
    () =>
      withExecutor(subject, (executor) =>
        Effect.gen(function* () {
          const { exit } = yield* run(subject, executor, printing(CANARY_NAME))
          const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
          expect(error).toBeInstanceOf(RunError)
          expect(error).toMatchObject({ reason: { _tag: "SecretDenied", secret: CANARY_NAME } })
        })
      ),
    TEST_MS_MAX
  )
}

const stopping = (subject: ExecutorSubject) => {
  const stops = (input: unknown, ending: TestOutcome["ending"], cancelAfterMs?: number) => () =>
    withExecutor(subject, (executor) =>
      Effect.gen(function* () {
        const startedMs = performance.now()
        const cancel = cancelAfterMs === undefined ? undefined : Effect.sleep(cancelAfterMs)
        const outcome = yield* run(subject, executor, input, cancel)
        expect(outcome.ending).toBe(ending)
        expect(outcome.outputBytes).toBeLessThanOrEqual(outcome.plan.outputBytesMax)
        expect(Exit.isFailure(outcome.exit) && Cause.hasInterruptsOnly(outcome.exit.cause)).toBe(true)
        expect(performance.now() - startedMs).toBeLessThan(outcome.plan.timeoutMs + STOP_MS_MAX)
        if (subject.leftovers !== undefined) expect(yield* Effect.promise(subject.leftovers)).toEqual([])
      })
    )
  if (subject.endless !== undefined) {
    it("MUST stop, with all that it started, when its time is over", stops(subject.endless, "timed-out"), TEST_MS_MAX)
    it("MUST stop at once when it is cancelled early", stops(subject.endless, "cancelled", 1), TEST_MS_MAX)
    it("MUST stop when it is cancelled while it runs", stops(subject.endless, "cancelled", 500), TEST_MS_MAX)
  }
  if (subject.flooding !== undefined)
    it("MUST stop when it has printed too much", stops(subject.flooding, "output-limit"), TEST_MS_MAX)
}

const withExecutor = (
  subject: ExecutorSubject,
  test: (executor: Executor) => Effect.Effect<unknown, unknown>
): Promise<void> => Effect.runPromise(Effect.scoped(Effect.asVoid(Effect.flatMap(subject.make, test))))

const run = (subject: ExecutorSubject, executor: Executor, input: unknown, cancel?: Effect.Effect<unknown>) =>
  runInTestHost({ executor, input, target: subject.target?.(), secrets: subject.secrets?.(), cancel })

const everythingOf = ({ plan, exit, stdout, stderr }: TestOutcome): string =>
  JSON.stringify([plan, exit, Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "", `${stdout}`, `${stderr}`])

const deepFreeze = <A>(value: A): A => {
  if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value)) {
    for (const part of Object.values(value)) deepFreeze(part)
    Object.freeze(value)
  }
  return value
}
