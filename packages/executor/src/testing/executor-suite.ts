// The conformance suite of executors, for vitest. Every executor passes it, ours and those of plugins.
import { describe, it } from "vitest"
import { type ExecutorSubject, executorCases } from "../conformance/index.ts"

export type { ExecutorSubject } from "../conformance/index.ts"

const TEST_MS_MAX = 60_000

/** Declares the suite for an executor. What the subject leaves out is not tested. */
export const executorSuite = (name: string, subject: ExecutorSubject): void => {
  describe(`${name} is an executor`, () => {
    for (const each of executorCases(subject)) it(each.name, each.run, TEST_MS_MAX)
  })
}
