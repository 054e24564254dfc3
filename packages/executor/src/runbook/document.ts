// A runbook as people write it: an executor's input with places for parameters. YAML, JSON or TypeScript, one schema.
import { canonicalJson } from "@fluxcybers/core"
import { Result, Schema } from "effect"
import { Rollout } from "../plan.ts"
import { Sentence } from "../rules/demand.ts"
import { decodeProblems, type RuleProblem } from "../rules/problems.ts"
import { Parameter } from "./parameter.ts"
import { placeOf, placeProblems } from "./places.ts"
import { shellTextProblems } from "./shell-text.ts"
import { defaultProblem } from "./values.ts"

const PARAMETERS_MAX = 50
const SELECTORS_MAX = 1_000
const DOCUMENT_BYTES_MAX = 256 * 1024

/** Runbooks are named with lower-case words: `restart-unit`. */
const RunbookName = Schema.String.check(
  Schema.isPattern(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, { expected: 'a name like "restart-unit"' }),
  Schema.isMaxLength(64, { expected: "a name of at most 64 characters" })
)

const PARAMETER_NAME = /^[a-z][A-Za-z0-9_]{0,39}$/

const Parameters = Schema.Record(Schema.String, Parameter).check(
  Schema.makeFilter(
    (parameters) =>
      Object.keys(parameters).length <= PARAMETERS_MAX &&
      Object.keys(parameters).every((name) => PARAMETER_NAME.test(name)),
    { expected: `at most ${PARAMETERS_MAX} parameters with names like "unit"` }
  )
)

/** A selector of targets, or the parameter that is one. */
const SelectorPlace = Schema.Union([Schema.String, Schema.Struct({ $parameter: Schema.String })])

/** A saved plan template. */
export const RunbookDocument = Schema.Struct({
  name: RunbookName,
  /** What it is for, for people. */
  description: Schema.optionalKey(Sentence),
  executor: Schema.String,
  parameters: Schema.optionalKey(Parameters),
  /** What the executor takes, with `{ $parameter: name }` where a parameter goes. */
  input: Schema.Json,
  /** Where it runs unless a use says otherwise. */
  targets: Schema.optionalKey(
    Schema.Array(SelectorPlace).check(
      Schema.isMaxLength(SELECTORS_MAX, { expected: `at most ${SELECTORS_MAX} selectors` })
    )
  ),
  rollout: Schema.optionalKey(Rollout)
})
export type RunbookDocument = typeof RunbookDocument.Type

/** Checks a runbook that is written in TypeScript as it is typed. */
export const defineRunbook = (document: RunbookDocument): RunbookDocument => document

/** The document, or everything that is wrong with it. */
export const decodeRunbook = (given: unknown): Result.Result<RunbookDocument, ReadonlyArray<RuleProblem>> =>
  Result.flatMap(decode(given), (document) => {
    const problems = [...parameterProblems(document), ...useProblems(document), ...sizeProblems(document)]
    return problems.length === 0 ? Result.succeed(document) : Result.fail(problems)
  })

const decode = decodeProblems(RunbookDocument)

const parameterProblems = ({ parameters = {} }: RunbookDocument): ReadonlyArray<RuleProblem> =>
  Object.entries(parameters).flatMap(([name, parameter]) => {
    const message = defaultProblem(parameter)
    return message === undefined ? [] : [{ path: ["parameters", name, "default"], message }]
  })

/** Every place names a parameter that fits there, and every parameter has a place. */
const useProblems = ({ parameters = {}, input, targets = [] }: RunbookDocument): ReadonlyArray<RuleProblem> => {
  const used = new Set<string>()
  const places = [
    ...placeProblems(input, parameters, used, ["input"]),
    ...placeProblems(targets, parameters, used, ["targets"])
  ]
  if (places.length > 0) return places
  const misplaced = targets.flatMap((target, index): ReadonlyArray<RuleProblem> => {
    if (typeof target === "string" || parameters[target.$parameter]?.type === "target") return []
    return [{ path: ["targets", index], message: `names "${target.$parameter}", which is no target` }]
  })
  const unused = Object.keys(parameters).filter((name) => !used.has(name))
  return [
    ...misplaced,
    ...argvProblems(input),
    ...unused.map((name): RuleProblem => ({ path: ["parameters", name], message: "is used nowhere" }))
  ]
}

const argvProblems = (input: RunbookDocument["input"]): ReadonlyArray<RuleProblem> => {
  const argv: unknown = typeof input === "object" && input !== null && "argv" in input ? input["argv"] : undefined
  return Array.isArray(argv) ? shellTextProblems(argv, hasParameter, ["input", "argv"]) : []
}

const hasParameter = (word: unknown): boolean => Result.getOrThrow(placeOf(word)) !== undefined

const sizeProblems = (document: RunbookDocument): ReadonlyArray<RuleProblem> => {
  const json = Result.try({
    try: () => canonicalJson(document),
    catch: () => "has broken Unicode, or is nested too deep"
  })
  if (Result.isFailure(json)) return [{ path: [], message: json.failure }]
  return Buffer.byteLength(json.success) > DOCUMENT_BYTES_MAX
    ? [{ path: [], message: `has more than ${DOCUMENT_BYTES_MAX} bytes` }]
    : []
}
