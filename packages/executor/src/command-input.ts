// What the executors that run a command have in common: their input, its plan, and how a command ended.
import { Schema } from "effect"
import { commandAccess } from "./command-access.ts"
import type { PlanDraft } from "./executor.ts"
import { SENTENCE_LENGTH_MAX } from "./plan-limits.ts"
import { commandLine } from "./shell-quote.ts"

/** NUL ends a C string, and a lone surrogate has no UTF-8: neither could arrive as it is. */
export const Text = Schema.String.check(
  Schema.makeFilter((text) => text.isWellFormed() && !text.includes("\0"), {
    expected: "text without NUL characters and without broken Unicode"
  })
)

export const SETTINGS = {
  /** Absolute path of the working directory; the account's home unless told. */
  cwd: Schema.optionalKey(Text),
  env: Schema.optionalKey(Schema.Record(Schema.String, Text)),
  /** Environment variables whose value is a secret: name of the variable to name of the secret. */
  secretEnv: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  /** Text for standard input, which is empty unless told. */
  stdin: Schema.optionalKey(Text),
  timeoutMs: Schema.optionalKey(Schema.Int),
  outputBytesMax: Schema.optionalKey(Schema.Int)
}

/** An argument vector, which no shell interprets; or a script for `/bin/sh`. */
export const CommandInput = Schema.Union([
  Schema.Struct({ argv: Schema.NonEmptyArray(Text), ...SETTINGS }),
  Schema.Struct({ script: Text, ...SETTINGS })
])

const RECOVERABLE = {
  ...SETTINGS,
  /** The run outlives its connection. Unless told, the target is asked for 10 minutes and keeps the result for 24 hours. */
  recoverable: Schema.optionalKey(
    Schema.Struct({ askMs: Schema.optionalKey(Schema.Int), keepMs: Schema.optionalKey(Schema.Int) })
  )
}

/** The same, of an executor whose runs can outlive their connection. */
export const RecoverableCommandInput = Schema.Union([
  Schema.Struct({ argv: Schema.NonEmptyArray(Text), ...RECOVERABLE }),
  Schema.Struct({ script: Text, ...RECOVERABLE })
])
export type RecoverableCommandInput = typeof RecoverableCommandInput.Type
export type CommandInput = typeof CommandInput.Type

/** How a command ended: with an exit status, or killed by a signal (`SIGTERM`). */
export const CommandResult = Schema.Struct({
  exitCode: Schema.optionalKey(Schema.Int),
  signal: Schema.optionalKey(Schema.String)
})
export type CommandResult = typeof CommandResult.Type

/** Did the command exit with status 0? */
export const isCommandSuccess = ({ exitCode }: CommandResult): boolean => exitCode === 0

/** The plan of a command, with the class that the classifier gives it; the sentence says why. */
export const draftCommand = (input: RecoverableCommandInput): PlanDraft => {
  const { stdin, ...settings } = settingsOf(input)
  const { access, why } = commandAccess(input)
  return {
    ...settings,
    ...(stdin === undefined ? {} : { stdin: new TextEncoder().encode(stdin) }),
    command: "argv" in input ? { _tag: "Argv", argv: input.argv } : { _tag: "Script", script: input.script },
    access,
    sentence: `${shortened(summary(input), SUMMARY_LENGTH_MAX)} (${access}: ${shortened(why, WHY_LENGTH_MAX)})`
  }
}

const settingsOf = (input: RecoverableCommandInput) => {
  const { argv, script, ...settings } = { argv: undefined, script: undefined, ...input }
  return settings
}

/** UTF-16 units; together with the class and the punctuation below `SENTENCE_LENGTH_MAX`. */
const WHY_LENGTH_MAX = 150
const SUMMARY_LENGTH_MAX = SENTENCE_LENGTH_MAX - WHY_LENGTH_MAX - 20

const summary = (input: CommandInput): string =>
  "argv" in input ? `Runs ${commandLine(input.argv)}` : `Runs a script of ${input.script.split("\n").length} lines`

/** Never cuts a character in two. */
export const shortened = (text: string, lengthMax: number): string =>
  text.length <= lengthMax ? text : `${[...text].slice(0, lengthMax / 2 - 1).join("")}…`
