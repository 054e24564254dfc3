// Parameters of a runbook: what may be filled in, each with its type.
import { Schema } from "effect"
import { Sentence } from "../rules/demand.ts"
import { filledList } from "../rules/filled-list.ts"
import { PATTERN_LENGTH_MAX, patternProblem } from "./pattern.ts"

/** UTF-16 units of one value. */
export const VALUE_LENGTH_MAX = 4_096
const TEXT_LENGTH_DEFAULT = 256
const OPTIONS_MAX = 200

/** The longest text that a parameter takes where it does not say. */
export const TEXT_LENGTH_MAX_UNLESS_TOLD = TEXT_LENGTH_DEFAULT

const length = Schema.Int.check(
  Schema.isBetween(
    { minimum: 0, maximum: VALUE_LENGTH_MAX },
    { expected: `a whole number from 0 to ${VALUE_LENGTH_MAX}` }
  )
)

/** A value as a list of choices or a default may have it. */
const Value = Schema.String.check(
  Schema.makeFilter((text: string) => text.length <= VALUE_LENGTH_MAX && isSound(text, true), {
    expected: `text of at most ${VALUE_LENGTH_MAX} characters without control characters`
  })
)

const Options = filledList(Value).check(
  Schema.makeFilter((options) => options.length <= OPTIONS_MAX && new Set(options).size === options.length, {
    expected: `at most ${OPTIONS_MAX} options, each once`
  })
)

const Pattern = Schema.String.check(
  Schema.isMaxLength(PATTERN_LENGTH_MAX, { expected: `a pattern of at most ${PATTERN_LENGTH_MAX} characters` }),
  Schema.makeFilter((pattern: string) => patternProblem(pattern) === undefined, {
    expected: "a pattern in RE2 syntax (no look-around, no back references), without huge repetitions"
  })
)

const DESCRIBED = { description: Schema.optionalKey(Sentence), default: Schema.optionalKey(Value) }

/** Text. It cannot begin with `-`, which a program would take for an option, and is one line, unless told. */
const TextParameter = Schema.Struct({
  type: Schema.Literal("text"),
  ...DESCRIBED,
  /** RE2 syntax; the whole value must fit. */
  pattern: Schema.optionalKey(Pattern),
  /** 0 unless told. */
  lengthMin: Schema.optionalKey(length),
  /** UTF-16 units: 256 unless told. */
  lengthMax: Schema.optionalKey(length),
  /** May it begin with `-`? */
  isOption: Schema.optionalKey(Schema.Boolean),
  /** May it have newlines and tabs? */
  isMultiline: Schema.optionalKey(Schema.Boolean)
})

/** A whole number. */
const IntegerParameter = Schema.Struct({
  type: Schema.Literal("integer"),
  description: Schema.optionalKey(Sentence),
  min: Schema.Int,
  max: Schema.Int,
  default: Schema.optionalKey(Schema.Int)
}).check(Schema.makeFilter(({ min, max }) => min <= max, { expected: "a `min` that is not above `max`" }))

/** One of these values. */
const ChoiceParameter = Schema.Struct({ type: Schema.Literal("choice"), ...DESCRIBED, options: Options })

/** A selector of targets: a name, an id, or `tag:web+eu`; one of `options`, where there are any. */
const TargetParameter = Schema.Struct({
  type: Schema.Literal("target"),
  ...DESCRIBED,
  options: Schema.optionalKey(Options)
})

/** The name of a secret; one of `options`, where there are any. */
const SecretParameter = Schema.Struct({
  type: Schema.Literal("secret"),
  ...DESCRIBED,
  options: Schema.optionalKey(Options)
})

/** What may be filled in at one place or several. Without a `default` it must be given. */
export const Parameter = Schema.Union([
  TextParameter,
  IntegerParameter,
  ChoiceParameter,
  TargetParameter,
  SecretParameter
])
export type Parameter = typeof Parameter.Type

/** Can it be shown on one line (or several), and given to a program? */
export const isSound = (text: string, isMultiline: boolean): boolean =>
  text.isWellFormed() && !(isMultiline ? CONTROL_BUT_LINES : CONTROL).test(text)

const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u
const CONTROL_BUT_LINES = /[^\P{Cc}\n\t]/u
