// Stopping: at the time limit, when it is cancelled, at the output limit; with everything that it started.
import assert from "node:assert/strict"
import { setTimeout as sleep } from "node:timers/promises"
import { Cause, Effect, Exit } from "effect"
import type { TestOutcome } from "../testing/test-host.ts"
import type { ExecutorCase, ExecutorSubject } from "./subject.ts"
import { runInput, withExecutor } from "./try-executor.ts"

/** What a stopped executor gets to end its work, before the host calls the outcome unknown. */
const STOP_MS_MAX = 20_000
/** What sockets and processes get to be closed after the executor was. */
const CLOSE_MS_MAX = 2_000
const LOOK_MS = 50

export const stoppingCases = (subject: ExecutorSubject): ReadonlyArray<ExecutorCase> => {
  const { endless, flooding } = subject
  const stops = (name: string, input: unknown, ending: TestOutcome["ending"], cancelAfterMs?: number) => ({
    name,
    run: () => stopped(subject, { input, ending, cancelAfterMs })
  })
  return [
    ...(endless === undefined
      ? []
      : [
          stops("MUST stop, with all that it started, when its time is over", endless, "timed-out"),
          stops("MUST stop at once when it is cancelled early", endless, "cancelled", 1),
          stops("MUST stop when it is cancelled while it runs", endless, "cancelled", 500)
        ]),
    ...(flooding === undefined ? [] : [stops("MUST stop when it has printed too much", flooding, "output-limit")])
  ]
}

interface Stop {
  readonly input: unknown
  readonly ending: TestOutcome["ending"]
  readonly cancelAfterMs: number | undefined
}

const stopped = async (subject: ExecutorSubject, { input, ending, cancelAfterMs }: Stop): Promise<void> => {
  const before = handles()
  await withExecutor(subject, (executor) =>
    Effect.gen(function* () {
      const startedMs = performance.now()
      const cancel = cancelAfterMs === undefined ? undefined : Effect.sleep(cancelAfterMs)
      const outcome = yield* runInput(subject, executor, input, cancel)
      assert.equal(outcome.ending, ending)
      assert.ok(outcome.outputBytes <= outcome.plan.outputBytesMax, "It wrote more than its limit.")
      const isClean = Exit.isFailure(outcome.exit) && Cause.hasInterruptsOnly(outcome.exit.cause)
      assert.ok(isClean, "It did not stop when it was told to, or failed while it did.")
      assert.ok(performance.now() - startedMs < outcome.plan.timeoutMs + STOP_MS_MAX, "It took too long to stop.")
      if (subject.leftovers !== undefined) assert.deepEqual(yield* Effect.promise(subject.leftovers), [])
    })
  )
  await closed(before)
}

/** Sockets, pipes and processes that keep this process busy. */
const handles = (): number =>
  process.getActiveResourcesInfo().filter((name) => /^(TCP|UDP|Pipe|Process)/.test(name)).length

const closed = async (before: number): Promise<void> => {
  const untilMs = performance.now() + CLOSE_MS_MAX
  while (handles() > before && performance.now() < untilMs) await sleep(LOOK_MS)
  assert.ok(handles() <= before, "It left sockets or processes open.")
}
