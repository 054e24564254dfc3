// Secrets: given to the run that names them, and found nowhere afterwards.
import assert from "node:assert/strict"
import { Cause, Effect, Exit } from "effect"
import { RunError } from "../run-error.ts"
import type { TestOutcome } from "../testing/test-host.ts"
import { CANARY, CANARY_NAME, type ExecutorCase, type ExecutorSubject } from "./subject.ts"
import { runInput, withExecutor } from "./try-executor.ts"

export const secretCases = (subject: ExecutorSubject): ReadonlyArray<ExecutorCase> => {
  const { printing } = subject
  if (printing === undefined) return []
  const withCanary = { ...subject, secrets: () => ({ ...subject.secrets?.(), [CANARY_NAME]: CANARY }) }
  return [
    {
      name: "MUST NOT put a secret into plan, result, error, log, environment or unmasked output",
      run: () =>
        withExecutor(subject, (executor) =>
          Effect.gen(function* () {
            const { value: outcome, logged } = yield* listening(runInput(withCanary, executor, printing(CANARY_NAME)))
            const everything = everythingOf(outcome) + logged + JSON.stringify(process.env)
            for (const form of FORMS) assert.ok(!everything.includes(form), `The secret stands in it as ${form}.`)
            assert.match(`${outcome.stdout}${outcome.stderr}`, /\*\*\*/, "The secret was not printed, or not masked.")
          })
        )
    },
    {
      name: "MUST NOT run with a secret that it is not given, and fails as SecretDenied",
      run: () =>
        withExecutor(subject, (executor) =>
          Effect.gen(function* () {
            const { exit } = yield* runInput(subject, executor, printing(CANARY_NAME))
            const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
            assert.ok(error instanceof RunError, "It did not fail with a RunError.")
            assert.equal(error.reason._tag, "SecretDenied")
          })
        )
    }
  ]
}

const bytes = Buffer.from(CANARY)
const FORMS = [CANARY, bytes.toString("base64"), bytes.toString("hex")]

const everythingOf = ({ plan, exit, stdout, stderr }: TestOutcome): string =>
  JSON.stringify([plan, exit, Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "", `${stdout}`, `${stderr}`])

/** What was written to the standard streams of this process meanwhile: where logs go. */
const listening = <A, E>(effect: Effect.Effect<A, E>) => {
  const heard: Array<string> = []
  const streams = [process.stdout, process.stderr]
  const consoleOf = () => ({ log: console.log, error: console.error, warn: console.warn, info: console.info })
  return Effect.acquireUseRelease(
    Effect.sync(() => {
      const before = { writes: streams.map((stream) => stream.write), console: consoleOf() }
      const hear = (...said: ReadonlyArray<unknown>) => {
        heard.push(said.map(String).join(" "))
        return true
      }
      for (const stream of streams) stream.write = hear
      Object.assign(console, { log: hear, error: hear, warn: hear, info: hear })
      return before
    }),
    () => Effect.map(effect, (value) => ({ value, logged: heard.join("\n") })),
    (before) =>
      Effect.sync(() => {
        streams.forEach((stream, index) => {
          stream.write = before.writes[index]!
        })
        Object.assign(console, before.console)
      })
  )
}
