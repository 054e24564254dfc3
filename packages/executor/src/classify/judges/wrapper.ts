// Programs that run another one: their own options are judged, and then what they run.
import { type Argument, join, literalArgument, type Piece, UNKNOWN_TEXT, UNKNOWN_WORDS } from "../argument.ts"
import { isHarmlessEnvironment } from "../assignment.ts"
import type { Range, Verdict } from "../classification.ts"
import { type Call, type Form, type Judge, reads, unknown } from "../model.ts"
import { parseOptions } from "../options.ts"
import { report, type Scope } from "../scope.ts"
import { contentOf } from "../secret-material.ts"

export interface Wrapping {
  readonly flags: string
  /** Operands before the command: the duration of `timeout`. */
  readonly skips?: RegExp
  /** The verdict when it runs nothing. */
  readonly alone?: Verdict
  /** The verdict on the wrapper itself. */
  readonly itself?: Verdict
}

/** A program whose operands are another program and its arguments. */
export const wrapper = ({ flags, skips, alone, itself }: Wrapping): Judge => {
  const form: Form = { flags, isOptionsFirst: true }
  return (call) => {
    const { refusal, operands, options } = parseOptions(form, call.args)
    if (refusal !== undefined) return refusal
    if (options.has("--help") || options.has("--version")) return reads("says how it is used")
    const words = skips === undefined ? operands : operands.slice(1)
    if (skips !== undefined && !skips.test(operands[0]?.literal ?? ""))
      return unknown(`${call.name} without what it needs`)
    if (words.length === 0) return alone ?? unknown(`${call.name} without a command`)
    run(call, words)
    return itself ?? reads(`runs ${words[0]?.pattern}`)
  }
}

const run = (call: Call, words: ReadonlyArray<Argument>, scope: Scope = call.scope): void =>
  call.scope.inside.command(words, rangeOf(words, call.range), scope)

const rangeOf = (words: ReadonlyArray<Argument>, whole: Range): Range =>
  words.length === 0 ? whole : [Math.min(...words.map((w) => w.range[0])), Math.max(...words.map((w) => w.range[1]))]

const ENV: Form = { flags: "-i -0 -v -u:name --ignore-environment --null --unset=name --debug", isOptionsFirst: true }

export const env: Judge = (call) => {
  const { refusal, operands } = parseOptions(ENV, call.args)
  if (refusal !== undefined) return refusal
  const start = operands.findIndex((operand) => !operand.prefix.includes("="))
  const assignments = start < 0 ? operands : operands.slice(0, start)
  for (const assignment of assignments) {
    const [name = "", value = ""] = splitOnce(assignment.literal ?? assignment.prefix, "=")
    if (assignment.literal === undefined || !isHarmlessEnvironment(name, literalArgument(value, assignment.range))) {
      report(
        call.scope,
        assignment.range,
        "unknown",
        `sets ${name} for the command, and the classifier does not know what follows`
      )
    }
  }
  if (start < 0) return reads("prints the environment")
  run(call, operands.slice(start))
  return reads(`runs ${operands[start]?.pattern} in an environment`)
}

const splitOnce = (text: string, separator: string): ReadonlyArray<string> => {
  const at = text.indexOf(separator)
  return [text.slice(0, at), text.slice(at + 1)]
}

const XARGS: Form = {
  flags:
    "-0rtx -n:number -P:number -L:number -s:number -I: -i? -d: -E: -a: --null --no-run-if-empty --verbose --exit --max-args=number --max-procs=number --max-lines? --delimiter= --replace? --arg-file= --show-limits",
  isOptionsFirst: true
}

const isEchoing = ([program]: ReadonlyArray<Argument>): boolean =>
  program === undefined || /^(echo|printf)$/.test(program.literal ?? "")

const BATCHES = ["-n", "-L", "--max-args", "--max-lines"]

export const xargs: Judge = (call) => {
  const { refusal, operands, options } = parseOptions(XARGS, call.args)
  if (refusal !== undefined) return refusal
  const content = contentOf(options.get("-a") ?? options.get("--arg-file") ?? literalArgument("", call.range))
  if (content !== undefined) return content
  if (call.scope.input === "literal" && !isEchoing(operands)) {
    return unknown("xargs makes arguments of text that the line itself builds")
  }
  if (operands.length === 0) return reads("prints its input as words, like echo")
  const marks = ["-I", "-i", "--replace"].filter((name) => options.has(name))
  // The last of several options that say how input is put in decides, and with some versions two of them do.
  if (marks.length > 1 || (marks.length === 1 && BATCHES.some((name) => options.has(name))))
    return unknown("xargs with several ways of putting its input into the command")
  const [mark] = marks
  const placeholder = mark === undefined ? undefined : (options.get(mark)?.literal ?? "{}")
  const words =
    placeholder === undefined
      ? [...operands, join([UNKNOWN_WORDS], call.range)]
      : operands.map((operand) => substitute(operand, placeholder, UNKNOWN_TEXT))
  run(call, words, { ...call.scope, input: "literal" })
  return reads(`runs ${operands[0]?.pattern} on its input`)
}

/** An argument with another program's data put in place of a mark. */
export const substitute = (argument: Argument, mark: string, data: Piece): Argument => {
  if (mark === "" || argument.literal === undefined || !argument.literal.includes(mark)) return argument
  const pieces = argument.literal.split(mark).flatMap((text, index): ReadonlyArray<Piece> => {
    const literal = text === "" ? [] : [{ text }]
    return index === 0 ? literal : [data, ...literal]
  })
  return join(pieces, argument.range)
}

const PARALLEL: Form = {
  flags: "-kv -j:name -n:number --jobs=name --keep-order --bar --tag --halt=word",
  isOptionsFirst: true
}

/** GNU parallel builds a line for a shell, with the inputs quoted; quotes around an input would undo that. */
export const parallel: Judge = (call) => {
  const { refusal, operands } = parseOptions(PARALLEL, call.args)
  if (refusal !== undefined) return refusal
  const end = operands.findIndex((operand) => operand.literal === ":::")
  const words = end < 0 ? operands : operands.slice(0, end)
  const template = words.map((word) => word.literal ?? "\0").join(" ")
  if (words.length === 0 || /\0/.test(template) || /\{[^}]+\}|['"\\`]/.test(template))
    return unknown("parallel with a template that is not known")
  const line = template.includes("{}") ? template.replaceAll("{}", '"$1"') : `${template} "$1"`
  call.scope.inside.code(literalArgument(line, rangeOf(words, call.range)), { ...call.scope, input: "literal" })
  return reads(`runs ${words[0]?.pattern} on its inputs`)
}

const WATCH: Form = {
  flags: "-dtbecgpwx -n: --interval= --no-title --differences? --color --exec --errexit --chgexit",
  isOptionsFirst: true
}

export const watch: Judge = (call) => {
  const { refusal, operands, options } = parseOptions(WATCH, call.args)
  if (refusal !== undefined) return refusal
  const [first] = operands
  if (first === undefined) return unknown("watch without a command")
  if (options.has("-x") || options.has("--exec")) run(call, operands)
  else if (operands.length === 1) call.scope.inside.code(first, call.scope)
  else {
    const isKnown = operands.every((operand) => operand.literal !== undefined)
    const line = literalArgument(operands.map((operand) => operand.literal).join(" "), rangeOf(operands, call.range))
    if (!isKnown) return unknown("watch hands its words to a shell, and an expansion is among them")
    call.scope.inside.code(line, call.scope)
  }
  return reads(`runs ${first.pattern} again and again`)
}
