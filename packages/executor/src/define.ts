// The one way to make an executor: the spec keeps its types, the registry sees unknown input and encoded output.
import { Effect, Schema } from "effect"
import type { Executor, ExecutorSpec } from "./executor.ts"

/**
 * Makes an executor. Its input is decoded before `plan` sees it (a field that the schema does not know is an error), its output is
 * encoded after `run`. A `plan` that throws, or an output that does not fit its own schema, is a defect of the executor.
 *
 * @example
 * ```ts
 * const restartUnit = defineExecutor({
 *   id: "acme.restart-unit",
 *   version: "1",
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
  return {
    id: spec.id,
    version: spec.version,
    summary: spec.summary,
    needsTarget: spec.needsTarget,
    plan: (input) => Effect.map(decode(input), spec.plan),
    run: Effect.fn("Executor.run")(function* (context) {
      const output = yield* spec.run(context)
      return { isSuccess: spec.isSuccess?.(output) ?? true, output: yield* Effect.orDie(encode(output)) }
    }),
    check: spec.check
  }
}
