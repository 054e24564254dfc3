// The values of a use: every one of the type that its parameter says, none missing, none too many.
import { Result } from "effect"
import { isSound, type Parameter, TEXT_LENGTH_MAX_UNLESS_TOLD, VALUE_LENGTH_MAX } from "./parameter.ts"
import { fitsPattern } from "./pattern.ts"

/** What somebody fills in: whole numbers as such, or in decimal digits. */
export type GivenValues = Readonly<Record<string, string | number>>

type Parameters = Readonly<Record<string, Parameter>>

/** Every parameter with its value as text; or, for each that is wrong, a sentence. */
export const checkValues = (
  parameters: Parameters,
  given: GivenValues
): Result.Result<Readonly<Record<string, string>>, ReadonlyArray<string>> => {
  const strangers = Object.keys(given).filter((name) => !Object.hasOwn(parameters, name))
  const checked = Object.entries(parameters).map(
    ([name, parameter]) => [name, checkedValue(parameter, own(given, name))] as const
  )
  const problems = [
    ...strangers.map((name) => `There is no parameter ${quoted(name)}: ${known(parameters)}.`),
    ...checked.flatMap(([name, value]) =>
      Result.isFailure(value) ? [`The parameter "${name}" ${value.failure}.`] : []
    )
  ]
  if (problems.length > 0) return Result.fail(problems.slice(0, PROBLEMS_MAX))
  return Result.succeed(Object.fromEntries(checked.map(([name, value]) => [name, Result.getOrThrow(value)])))
}

/** Is this default one that could be given? */
export const defaultProblem = (parameter: Parameter): string | undefined => {
  const value = parameter.default === undefined ? undefined : checkedValue(parameter, parameter.default)
  return value !== undefined && Result.isFailure(value) ? value.failure : undefined
}

const PROBLEMS_MAX = 50
const NAME_LENGTH_MAX = 64

const quoted = (name: string): string => JSON.stringify(name.slice(0, NAME_LENGTH_MAX))

const known = (parameters: Parameters): string =>
  Object.keys(parameters).length === 0 ? "the runbook has none" : `there are ${Object.keys(parameters).join(", ")}`

const own = (given: GivenValues, name: string): string | number | undefined =>
  Object.hasOwn(given, name) ? given[name] : undefined

type Value = Result.Result<string, string>

const checkedValue = (parameter: Parameter, given: string | number | undefined): Value => {
  const value = given ?? parameter.default
  if (value === undefined) return Result.fail("is missing")
  if (parameter.type === "integer") return integer(parameter, value)
  if (typeof value !== "string") return Result.fail("must be text")
  return parameter.type === "text" ? text(parameter, value) : option(parameter, value)
}

const WHOLE_NUMBER = /^(0|-?[1-9][0-9]{0,15})$/

const integer = ({ min, max }: Extract<Parameter, { type: "integer" }>, value: string | number): Value => {
  const number = typeof value === "number" ? value : WHOLE_NUMBER.test(value) ? Number(value) : Number.NaN
  return Number.isSafeInteger(number) && number >= min && number <= max
    ? Result.succeed(String(number))
    : Result.fail(`must be a whole number from ${min} to ${max}`)
}

const text = (parameter: Extract<Parameter, { type: "text" }>, value: string): Value => {
  const { lengthMin = 0, lengthMax = TEXT_LENGTH_MAX_UNLESS_TOLD, pattern } = parameter
  if (value.length < lengthMin || value.length > lengthMax) {
    return Result.fail(`must have ${lengthMin} to ${lengthMax} characters`)
  }
  if (!isSound(value, parameter.isMultiline === true)) return Result.fail("has a control character or broken Unicode")
  if (value.startsWith("-") && parameter.isOption !== true) {
    return Result.fail("must not begin with -, which a program would take for an option")
  }
  return pattern === undefined || fitsPattern(pattern, value)
    ? Result.succeed(value)
    : Result.fail(`must fit the pattern ${pattern}`)
}

const WHAT = { choice: "option", target: "target or selector", secret: "secret" } as const
const OPTIONS_SHOWN_MAX = 20

/** Whether there is such a target or secret is asked when it is planned. */
const option = (
  { type, options }: Extract<Parameter, { type: "choice" | "target" | "secret" }>,
  value: string
): Value => {
  if (options !== undefined && !options.includes(value)) {
    return Result.fail(`must be one of ${options.slice(0, OPTIONS_SHOWN_MAX).join(", ")}`)
  }
  const isName = value !== "" && value.length <= VALUE_LENGTH_MAX && isSound(value, false)
  return type === "choice" || isName ? Result.succeed(value) : Result.fail(`must be the name of a ${WHAT[type]}`)
}
