// Executors out of async functions.
import { SecretDenied, SecretReader } from "@fluxcybers/core"
import { Effect, Redacted, Schema } from "effect"
import { inputRefused, withinNeeds } from "../define.ts"
import type { Executor, PlanDraft, RunContext } from "../executor.ts"
import type { ExecutorNeeds } from "../needs.ts"
import { RunError, RunFailure } from "../run-error.ts"

/** An executor as `createGate` takes it. */
export interface ExecutorHandle {
  readonly id: string
  readonly version: string
  readonly summary: string
}

/** What a run is given. */
export interface AsyncRunContext extends Omit<RunContext, "output"> {
  /** Aborted when the run must stop (timeout, cancel, output limit): stop the work, on the other side too, and then return or throw. */
  readonly signal: AbortSignal
  /** The value of a secret that the plan names. */
  secret(name: string): Promise<Uint8Array>
  /** Hands over output; await it, so that you are not faster than the recording. */
  output(stream: "stdout" | "stderr", piece: string | Uint8Array): Promise<void>
}

/** How a run ended: without an exit code, or with 0, it succeeded. */
export interface AsyncRunResult {
  readonly exitCode?: number
  readonly signal?: string
}

/** An executor in async functions. */
export interface AsyncExecutorSpec<In> extends ExecutorHandle {
  /** The versions of this SDK that it was made for: `^0.1.0`. A host of another version does not load it. Plugins must say it. */
  readonly sdk?: string
  /** What its plans may name at most. Unless told: a plugin nothing, an executor inside the host anything. */
  readonly needs?: ExecutorNeeds
  /** False unless told. */
  readonly needsTarget?: boolean
  /** Checks the input and throws when it is wrong: `parse` of a zod schema, for one. */
  readonly parse: (input: unknown) => In
  /** Pure: equal input, equal draft. */
  readonly plan: (input: In) => PlanDraft
  /**
   * Throw one of the `RunFailure` errors (`StartRefused`, …) when nothing was started. Any other error means that nobody knows how it
   * ended, and the run is called unknown.
   */
  readonly run: (context: AsyncRunContext) => Promise<AsyncRunResult | undefined>
}

/**
 * Makes an executor out of async functions. `parse` checks the input, `plan` turns it into what people approve, and `run` gets that plan and
 * never the input. `plan` must be pure. A plan beyond what `needs` allows is refused. `run` reads secrets with `secret`, hands over what it
 * writes with `output`, and must stop when `signal` is aborted. What it throws decides how the run ended: one of the `RunFailure` errors means
 * that nothing was started, anything else that nobody knows. `executorSuite` of `@fluxcybers/executor/testing` tries all of that.
 *
 * @example
 * ```ts
 * const purge = defineExecutor({
 *   id: "acme.purge-cache",
 *   version: "1",
 *   sdk: "^0.1.0",
 *   summary: "Purges a path from the cache.",
 *   needs: { hosts: ["cache.example.com:443"] },
 *   parse: (input) => schema.parse(input),
 *   plan: ({ path }) => ({
 *     command: { _tag: "Argv", argv: ["PURGE", `https://cache.example.com${path}`] },
 *     access: "write",
 *     sentence: `Purges ${path}.`,
 *     hosts: ["cache.example.com:443"]
 *   }),
 *   run: async ({ plan, signal }) => purgeAs(plan, signal)
 * })
 * ```
 */
export const defineExecutor = <In>(spec: AsyncExecutorSpec<In>): ExecutorHandle => asExecutor(spec)

const asExecutor = <In>(spec: AsyncExecutorSpec<In>): Executor => ({
  id: spec.id,
  version: spec.version,
  sdk: spec.sdk,
  needs: spec.needs,
  summary: spec.summary,
  needsTarget: spec.needsTarget ?? false,
  plan: (input) => parsed(spec, input).pipe(Effect.map(spec.plan), Effect.flatMap(withinNeeds(spec.needs))),
  run: Effect.fn("Executor.run")(function* (context) {
    const output = (yield* promised(spec, context, yield* SecretReader)) ?? {}
    return { isSuccess: output.signal === undefined && (output.exitCode ?? 0) === 0, output }
  }),
  check: undefined
})

const parsed = <In>(spec: AsyncExecutorSpec<In>, input: unknown): Effect.Effect<In, Schema.SchemaError> =>
  Effect.try({
    try: () => spec.parse(input),
    catch: (cause) => inputRefused(cause instanceof Error ? cause.message : String(cause))
  })

/** Interrupted, it aborts the signal and waits until the function has come to its end; a failure that is declared is one of stopping. */
const promised = <In>(
  spec: AsyncExecutorSpec<In>,
  context: RunContext,
  secrets: SecretReader["Service"]
): Effect.Effect<AsyncRunResult | undefined, RunError> =>
  Effect.suspend(() => {
    const controller = new AbortController()
    const done: Promise<Effect.Effect<AsyncRunResult | undefined, RunError>> = Promise.resolve(
      asyncContext(context, secrets, controller.signal)
    )
      .then(spec.run)
      .then(Effect.succeed, (cause: unknown) => failureOf(spec.id, cause))
    const stop = Effect.promise(() => {
      controller.abort()
      return done
    })
    return Effect.promise(() => done).pipe(
      Effect.flatten,
      Effect.onInterrupt(() => Effect.catchDefect(Effect.flatten(stop), () => Effect.void))
    )
  })

const asyncContext = (
  { output, ...context }: RunContext,
  secrets: SecretReader["Service"],
  signal: AbortSignal
): AsyncRunContext => ({
  ...context,
  signal,
  secret: async (name) => Redacted.value(await Effect.runPromise(secrets.reveal(name), { signal })),
  output: (stream, piece) =>
    Effect.runPromise(output(stream, typeof piece === "string" ? Buffer.from(piece) : piece), { signal })
})

const isRunFailure = Schema.is(RunFailure)

const failureOf = (executor: string, cause: unknown): Effect.Effect<never, RunError> => {
  if (cause instanceof RunError) return Effect.fail(cause)
  if (cause instanceof SecretDenied || isRunFailure(cause))
    return Effect.fail(new RunError({ executor, reason: cause }))
  return Effect.die(cause)
}
