// `plugin test`: the conformance cases of executors, on a plugin that runs as its host would run it.
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import type { Executor } from "@fluxcybers/executor"
import type { ExecutorInputs } from "@fluxcybers/executor/conformance"
import { Effect, Option, Result } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { CliFailure, usageFailure } from "./failure.ts"
import { readBytes } from "./input.ts"
import { answer, note } from "./output.ts"
import { visible } from "./visible-text.ts"

const CASES_FILE = "conformance.json"
const CASES_BYTES_MAX = 1024 * 1024

export const pluginTest = Command.make(
  "test",
  {
    plugin: Argument.String("plugin").pipe(Argument.withDescription("The plugin: its module, or its folder")),
    cases: Flag.String("cases").pipe(
      Flag.withMetavar("FILE"),
      Flag.withDescription(`Inputs to try it with; ${CASES_FILE} beside it unless told`),
      Flag.optional
    )
  },
  Effect.fnUntraced(function* ({ plugin, cases }) {
    const tested = yield* Effect.scoped(testedPlugin(plugin, Option.getOrUndefined(cases)))
    yield* answer({ plugin, executors: tested }, () => testedText(tested))
    const failed = tested.flatMap((each) => each.cases).filter(({ ok }) => !ok).length
    if (failed > 0) return yield* casesFailed(failed)
  })
).pipe(
  Command.withDescription(
    "Load a plugin in processes of its own, as a server does, and try everything that executors promise, with the inputs that a file gives for each " +
      "executor. Runs what they say. Exits with 1 when something does not hold. Asks no server."
  ),
  Command.withShortDescription("Try whether a plugin keeps what executors promise"),
  Command.withExamples([
    { command: "fluxcybers plugin test ./restart-plugin" },
    { command: "fluxcybers plugin test ./restart-plugin --cases conformance.json --json" }
  ])
)

interface TestedCase {
  readonly name: string
  readonly ok: boolean
  readonly detail?: string
}

interface TestedExecutor {
  readonly executor: string
  readonly version: string
  /** None when the file has no inputs for it. */
  readonly cases: ReadonlyArray<TestedCase>
}

const testedPlugin = Effect.fnUntraced(function* (path: string, casesPath: string | undefined) {
  const { loadPlugin } = yield* Effect.promise(() => import("@fluxcybers/executor/plugins"))
  const inputs = yield* inputsFrom(casesPath ?? casesBeside(path))
  const executors = yield* Effect.mapError(loadPlugin(path), pluginFailure)
  const unknown = [...inputs.keys()].find((id) => !executors.some((executor) => executor.id === id))
  if (unknown !== undefined) {
    return yield* usageFailure(
      `The inputs are for "${unknown}", but the plugin has ${executors.map(({ id }) => id).join(", ")}. Nothing was run.`
    )
  }
  return yield* Effect.forEach(executors, (executor) => testedExecutor(executor, inputs.get(executor.id)))
})

const casesBeside = (path: string): string | undefined =>
  [join(path, CASES_FILE), join(dirname(path), CASES_FILE)].find((each) => existsSync(each))

const inputsFrom = Effect.fnUntraced(function* (path: string | undefined) {
  const { readConformance } = yield* Effect.promise(() => import("@fluxcybers/executor/conformance"))
  if (path === undefined) return new Map<string, ExecutorInputs>() as ReadonlyMap<string, ExecutorInputs>
  const read = readConformance(new TextDecoder().decode(yield* readBytes(path, CASES_BYTES_MAX)))
  if (Result.isFailure(read)) return yield* usageFailure(`${path} cannot be used:\n${read.failure}\nNothing was run.`)
  return read.success
})

const testedExecutor = Effect.fnUntraced(function* (executor: Executor, inputs: ExecutorInputs | undefined) {
  const { executorCases } = yield* Effect.promise(() => import("@fluxcybers/executor/conformance"))
  const cases = inputs === undefined ? [] : executorCases({ ...inputs, make: Effect.succeed(executor) })
  const tested = yield* Effect.forEach(cases, ({ name, run }) =>
    Effect.tap(triedCase(name, run), ({ ok }) => note(`${ok ? "ok      " : "FAILED  "}${visible(name)}`))
  )
  return { executor: executor.id, version: executor.version, cases: tested } satisfies TestedExecutor
})

const triedCase = (name: string, run: () => Promise<void>): Effect.Effect<TestedCase> =>
  Effect.promise(() =>
    run().then(
      () => ({ name, ok: true }),
      (cause: unknown) => ({ name, ok: false, detail: cause instanceof Error ? cause.message : String(cause) })
    )
  )

const testedText = (tested: ReadonlyArray<TestedExecutor>): string =>
  tested
    .flatMap(({ executor, version, cases }) => [
      ...cases.flatMap(({ name, detail }) =>
        detail === undefined ? [] : [`${executor}: ${visible(name)}\n  ${detail.split("\n").map(visible).join("\n  ")}`]
      ),
      cases.length === 0
        ? `${executor} ${version}: it loads. Nothing else was tried: ${CASES_FILE} gives no inputs for it.`
        : `${executor} ${version}: ${cases.filter(({ ok }) => ok).length} of ${cases.length} cases hold.`
    ])
    .map((line) => `${line}\n`)
    .join("")

const pluginFailure = (refused: { readonly message: string }) =>
  new CliFailure({ exit: "failure", code: "plugin-refused", title: "Plugin is refused", detail: refused.message })

const casesFailed = (count: number) =>
  new CliFailure({
    exit: "failure",
    code: "cases-failed",
    title: "Cases do not hold",
    detail: `${count === 1 ? "1 case does" : `${count} cases do`} not hold.`
  })
