// The one way to make an executor: the spec keeps its types, the registry sees unknown input and encoded output.
import { Effect, Schema, SchemaIssue } from "effect"
import type { Executor, ExecutorResult, ExecutorSpec, PlanDraft } from "./executor.ts"
import { beyondNeeds, type ExecutorNeeds } from "./needs.ts"
import type { Recovered, Recovery } from "./recovery.ts"

/**
 * Makes an executor. Its input is decoded before `plan` sees it (a field that the schema does not know is an error), its output is
 * encoded after `run`. An input whose plan goes beyond what the executor says it `needs` is refused like one that does not decode. A `plan`
 * that throws, or an output that does not fit its own schema, is a defect of the executor.
 *
 * Whatever it does is data before it happens: `plan` turns the input into a draft, the gate pins targets and secrets to it, people approve
 * the digest, and `run` gets the plan and never the input. Secrets are named in the draft and read in `run` with `SecretReader`; hosts
 * other than targets are named in `hosts`. `executorSuite` of `@fluxcybers/executor/testing` tests all that is promised here.
 *
 * @example
 * ```ts
 * const restartUnit = defineExecutor({
 *   id: "acme.restart-unit",
 *   version: "1",
 *   sdk: "^0.1.0",
 *   summary: "Restarts one systemd unit on one host.",
 *   needsTarget: true,
 *   input: Schema.Struct({ unit: Schema.String }),
 *   output: Schema.Struct({ exitCode: Schema.Int }),
 *   plan: ({ unit }) => ({
 *     command: { _tag: "Argv", argv: ["systemctl", "restart", unit] },
 *     access: "write",
 *     sentence: `Restarts ${unit}.`
 *   }),
 *   run: ({ plan, target }) => restartOver(plan, target)
 * })
 * ```
 */
export const defineExecutor = <In, InE, Out, OutE>(spec: ExecutorSpec<In, InE, Out, OutE>): Executor => {
  const decode = Schema.decodeUnknownEffect(spec.input, { onExcessProperty: "error" })
  const encode = Schema.encodeEffect(spec.output)
  const resultOf = (output: Out): Effect.Effect<ExecutorResult> =>
    Effect.map(Effect.orDie(encode(output)), (encoded) => ({
      isSuccess: spec.isSuccess?.(output) ?? true,
      output: encoded
    }))
  return {
    id: spec.id,
    version: spec.version,
    sdk: spec.sdk,
    needs: spec.needs,
    summary: spec.summary,
    needsTarget: spec.needsTarget,
    plan: (input) => decode(input).pipe(Effect.map(spec.plan), Effect.flatMap(withinNeeds(spec.needs))),
    run: Effect.fn("Executor.run")(function* (context) {
      return yield* resultOf(yield* spec.run(context))
    }),
    recovery: spec.recovery && encodedRecovery(spec.recovery, resultOf),
    check: spec.check
  }
}

/** The same, with results as the registry has them. */
const encodedRecovery = <Out>(
  { follow, stop, release }: Recovery<Out>,
  resultOf: (output: Out) => Effect.Effect<ExecutorResult>
): Recovery<ExecutorResult> => {
  const encoded = (recovered: Recovered<Out>): Effect.Effect<Recovered<ExecutorResult>> =>
    recovered._tag === "Ended"
      ? Effect.map(resultOf(recovered.result), (result) => ({ ...recovered, result }))
      : Effect.succeed(recovered)
  return {
    follow: (context) => Effect.flatMap(follow(context), encoded),
    stop: (context, why) => Effect.flatMap(stop(context, why), encoded),
    release
  }
}

/** Refuses a draft beyond the needs, where there are any. */
export const withinNeeds =
  (needs: ExecutorNeeds | undefined) =>
  (draft: PlanDraft): Effect.Effect<PlanDraft, Schema.SchemaError> => {
    const problem = needs === undefined ? undefined : beyondNeeds(needs, draft)
    return problem === undefined ? Effect.succeed(draft) : Effect.fail(inputRefused(problem))
  }

/** An input that is refused for a reason that no schema can say. */
export const inputRefused = (message: string): Schema.SchemaError =>
  new Schema.SchemaError(new SchemaIssue.InvalidValue({ message }))
