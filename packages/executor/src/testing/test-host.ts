// A host as small as one can be: plans an input, runs the plan once, and keeps what came out. No gate, no storage.
import { RunId, SecretDenied, SecretReader, TargetId } from "@fluxcybers/core"
import { Deferred, Effect, Exit, Fiber, Option, Redacted, type Schema } from "effect"
import { decodePlan, encodePlan } from "../digest.ts"
import type { Executor, OutputStream, PlanDraft } from "../executor.ts"
import { makeMasker } from "../mask.ts"
import { pinPlan, secretNames } from "../pin.ts"
import type { PinnedTarget, Plan } from "../plan.ts"
import type { RunError } from "../run-error.ts"

const RUN = RunId.make(`run_${"0".repeat(26)}`)
const NONCE = "0".repeat(32)
const SECRET_VERSION = 1

/** A run without a gate around it. */
export interface TestRun {
  readonly executor: Executor
  readonly input: unknown
  readonly target?: PinnedTarget | undefined
  /** Values by name; each is in version 1. */
  readonly secrets?: Readonly<Record<string, string | Uint8Array>> | undefined
  /** Called with each piece of output, masked; the run goes on when the effect is done. */
  readonly onOutput?: (stream: OutputStream, bytes: Uint8Array) => Effect.Effect<void>
  /** When this is done, the run is interrupted. */
  readonly cancel?: Effect.Effect<unknown> | undefined
  readonly versions?: Readonly<Record<string, number>> | undefined
}

/** How such a run ended, and what it wrote. */
export interface TestOutcome {
  readonly plan: Plan
  readonly exit: Exit.Exit<{ readonly isSuccess: boolean; readonly output: unknown }, RunError>
  readonly ending: "by-itself" | "timed-out" | "output-limit" | "cancelled"
  /** Masked, at most 8 MiB of each; `outputBytes` counts everything. */
  readonly stdout: Buffer
  readonly stderr: Buffer
  /** What was fetched, as it is. */
  readonly file: Buffer
  readonly outputBytes: number
}

/** A target for tests, on loopback. */
export const testTarget = (settings: Omit<PinnedTarget, "id" | "name" | "host">): PinnedTarget => ({
  id: TargetId.make(`target_${"0".repeat(26)}`),
  name: "test-target",
  host: "127.0.0.1",
  ...settings
})

/** Plans and runs. Fails only when the input is refused; how the run ended is in the outcome. */
export const runInTestHost = Effect.fnUntraced(function* (
  run: TestRun
): Effect.fn.Return<TestOutcome, Schema.SchemaError> {
  const made = yield* planInTestHost(run)
  return yield* runPlanInTestHost(made, run)
})

/** A plan and what it was made from. */
export interface TestPlan {
  readonly plan: Plan
  readonly draft: PlanDraft
}

/** Plans, stores the plan as a host does, and reads it again. */
export const planInTestHost = Effect.fnUntraced(function* (
  run: TestRun
): Effect.fn.Return<TestPlan, Schema.SchemaError> {
  const { executor, target, versions = {} } = run
  const draft = yield* executor.plan(run.input)
  const targets = target === undefined ? [] : [target]
  const names = secretNames(draft, targets)
  const pinned = names.map((name) => ({ name, version: versions[name] ?? SECRET_VERSION }))
  const plan = pinPlan(draft, { executor, targets, secrets: pinned, nonce: NONCE })
  return { plan: yield* decodePlan(encodePlan(plan)), draft }
})

/** Runs a plan that was made before. */
export const runPlanInTestHost = Effect.fnUntraced(function* (
  { plan, draft }: TestPlan,
  run: Omit<TestRun, "input">
): Effect.fn.Return<TestOutcome> {
  const { executor, target, secrets = {} } = run
  const names = plan.secrets.map(({ name }) => name)
  const limit = yield* Deferred.make<"output-limit">()
  const recorder = record(run, { limit, outputBytesMax: plan.outputBytesMax })
  const fiber = yield* executor
    .run({ run: RUN, plan, target, stdin: draft.stdin, output: recorder.output })
    .pipe(Effect.scoped, Effect.provideService(SecretReader, secretReader(names, secrets)), Effect.forkChild)
  const ending = yield* Effect.raceAllFirst([
    Effect.as(Fiber.await(fiber), "by-itself" as const),
    Effect.as(Effect.sleep(plan.timeoutMs), "timed-out" as const),
    Deferred.await(limit),
    Effect.as(run.cancel ?? Effect.never, "cancelled" as const)
  ])
  if (ending !== "by-itself") yield* Fiber.interrupt(fiber)
  return { plan, ending, exit: yield* Fiber.await(fiber), ...recorder.finish() }
})

/** Gives the named secrets and refuses every other, as a host does. */
export const secretReader = (
  names: ReadonlyArray<string>,
  secrets: Readonly<Record<string, string | Uint8Array>>
): SecretReader["Service"] =>
  SecretReader.of({
    reveal: (secret) => {
      if (!names.includes(secret)) return Effect.fail(new SecretDenied({ secret, reason: "not-in-plan" }))
      const value = Option.fromUndefinedOr(secrets[secret])
      return Option.match(value, {
        onNone: () => Effect.fail(new SecretDenied({ secret, reason: "unknown" })),
        onSome: (bytes) => Effect.succeed(Redacted.make(new Uint8Array(Buffer.from(bytes))))
      })
    }
  })

const KEPT_BYTES_MAX = 8 * 1024 * 1024

interface Limit {
  readonly limit: Deferred.Deferred<"output-limit">
  readonly outputBytesMax: number
}

const record = ({ secrets = {}, onOutput }: Omit<TestRun, "input">, { limit, outputBytesMax }: Limit) => {
  const values = Object.values(secrets).map((value) => Buffer.from(value))
  const maskers = { stdout: makeMasker(values), stderr: makeMasker(values) }
  const kept: Record<OutputStream, Array<Uint8Array>> = { stdout: [], stderr: [], file: [] }
  let outputBytes = 0
  const output = (stream: OutputStream, bytes: Uint8Array): Effect.Effect<void> => {
    if (outputBytes + bytes.length > outputBytesMax)
      return Effect.andThen(Deferred.succeed(limit, "output-limit"), Effect.never)
    outputBytes += bytes.length
    const masked = stream === "file" ? bytes : maskers[stream].push(bytes)
    if (outputBytes <= KEPT_BYTES_MAX) kept[stream].push(masked)
    return onOutput?.(stream, masked) ?? Effect.void
  }
  const finish = () => ({
    stdout: Buffer.concat([...kept.stdout, maskers.stdout.flush()]),
    stderr: Buffer.concat([...kept.stderr, maskers.stderr.flush()]),
    file: Buffer.concat(kept.file),
    outputBytes
  })
  return { output, finish }
}
