// The conformance cases of executors, for any runner of tests: those of ours, of embedders and of plugins pass the same.
import { planningCases } from "./planning-cases.ts"
import { runningCases } from "./running-cases.ts"
import { secretCases } from "./secret-cases.ts"
import { stoppingCases } from "./stopping-cases.ts"
import type { ExecutorCase, ExecutorSubject } from "./subject.ts"

export { type ExecutorInputs, readConformance } from "./cases-file.ts"
export { CANARY_NAME, type ExecutorCase, type ExecutorSubject } from "./subject.ts"

/** Everything that is tested of an executor. What the subject leaves out is not tested. */
export const executorCases = (subject: ExecutorSubject): ReadonlyArray<ExecutorCase> => [
  ...planningCases(subject),
  ...runningCases(subject),
  ...secretCases(subject),
  ...stoppingCases(subject)
]
