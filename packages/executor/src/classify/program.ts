// From a command's words to a verdict: finds the program's model and applies it.
import { type Argument, isPlainWord, mayBeOption } from "./argument.ts"
import type { Range, Verdict } from "./classification.ts"
import type { Call, Form } from "./model.ts"
import { type Parsed, parseOptions } from "./options.ts"
import { findModel } from "./registry.ts"
import { DEPTH_MAX, report, type Scope } from "./scope.ts"
import { contentOf } from "./secret-material.ts"
import { findSubcommand } from "./subcommand.ts"

/** Folders whose programs are the system's own, not something that was put there for this line. */
const SYSTEM_PROGRAM = /^\/(?:usr\/)?(?:local\/)?s?bin\/([\w.+-]+)$/
const PROGRAM_NAME = /^[\w.+:[-]+$/

/** Judges one program call and reports it as one part; what it runs inside reports parts of its own. */
export const judgeProgram = (words: ReadonlyArray<Argument>, range: Range, scope: Scope) => {
  const [word, ...args] = words
  if (word === undefined) return report(scope, range, "unknown", "there is no command")
  if (scope.depth > DEPTH_MAX) return report(scope, range, "unknown", `nested deeper than ${DEPTH_MAX} levels`)
  const name = programName(word)
  if (name === undefined) {
    return report(
      scope,
      word.range,
      "unknown",
      `${word.literal === undefined ? "a command that an expansion decides" : `${word.literal} is not a program of the system`}`
    )
  }
  const model = findModel(name)
  if (model === undefined) return report(scope, range, "unknown", `${name} is not a program that the classifier knows`)
  const verdict = judgeForm(model, { name, args, range, scope }, name)
  report(scope, verdict.range ?? range, verdict.class, verdict.why)
}

const programName = (word: Argument): string | undefined => {
  if (word.literal === undefined) return undefined
  const name = SYSTEM_PROGRAM.exec(word.literal)?.[1] ?? word.literal
  return PROGRAM_NAME.test(name) ? name : undefined
}

/** Applies a form to a call. `title` names the call in the reasons: the program with its subcommand. */
const judgeForm = (form: Form, call: Omit<Call, "apply">, title: string, inherited?: string): Verdict => {
  if (form.isPaging && call.scope.hasTerminal && !call.scope.isPiped && !hasNoPager(call)) {
    return { class: "unknown", why: `${title} opens a pager on a terminal, and a pager can start programs` }
  }
  if (form.isPager && !call.scope.isPiped && !hasNoPager(call)) {
    return { class: "unknown", why: `${title} is a pager, and a pager can start programs` }
  }
  if (form.judge !== undefined) {
    const apply: Call["apply"] = (inner, args = call.args) => judgeForm(inner, { ...call, args }, title, inherited)
    return form.judge({ ...call, apply })
  }
  if (form.subcommands !== undefined) return judgeSubcommand(form, call, title, inherited)
  const parsed = parseOptions(form, call.args, { inherited })
  return (
    parsed.refusal ??
    judgeOperands(form, parsed, title) ??
    judgeContent(form, parsed) ?? { class: "read", why: `${title} ${form.does ?? "only reads, called like this"}` }
  )
}

const judgeSubcommand = (form: Form, call: Omit<Call, "apply">, title: string, inherited?: string): Verdict => {
  const globals = parseOptions(form, call.args, { inherited, isPrefixOnly: true })
  if (globals.refusal !== undefined) return globals.refusal
  const found = findSubcommand(form, globals.operands)
  const name = `${title} ${found.words}`.trim()
  if (found.verdict !== undefined) return { ...found.verdict, why: `${name} ${found.verdict.why}` }
  return judgeForm(found.form, { ...call, args: found.rest }, name, `${inherited ?? ""} ${form.inherited ?? ""}`)
}

/** The verdict on how many operands there are and what they look like; none when they are fine. */
const judgeOperands = (form: Form, { operands, options }: Parsed, title: string): Verdict | undefined => {
  const other = form.otherwise ?? "unknown"
  const isHelp = operands.length === 0 && options.size === 1 && (options.has("--help") || options.has("--version"))
  if (form.needs !== undefined && !isHelp && !form.needs.split(" ").some((name) => options.has(name))) {
    return { class: other, why: `${title} is known to read only with ${form.needs.split(" ").join(" or ")}` }
  }
  if (form.isNetwork) {
    const open = operands.find((operand) => operand.literal === undefined)
    if (open !== undefined)
      return { class: "exfiltrate", why: `${title} sends what an expansion brings`, range: open.range }
  }
  if (form.operands === undefined) return undefined
  const limit = form.operands
  const wrong =
    typeof limit === "number"
      ? (operands[limit] ?? operands.find((operand) => operand.spread !== "one"))
      : operands.find((operand) => !limit.test(operand.literal ?? "\0"))
  if (wrong !== undefined)
    return { class: other, why: `${title} with "${wrong.pattern}" is not known to read`, range: wrong.range }
  return undefined
}

const judgeContent = (form: Form, { operands, options }: Parsed): Verdict | undefined => {
  if (form.contentFrom === "none") return undefined
  const isFromFirst = form.contentFromFirstWith?.split(" ").some((name) => options.has(name)) === true
  const shown = operands.slice(isFromFirst ? 0 : (form.contentFrom ?? 0))
  for (const value of options.values()) if (value !== undefined) shown.push(value)
  for (const argument of shown) {
    const verdict = contentOf(argument)
    if (verdict !== undefined) return verdict
  }
  return undefined
}

const hasNoPager = (call: Omit<Call, "apply">): boolean =>
  call.args.every((arg) => isPlainWord(arg) || !mayBeOption(arg) || arg.literal !== undefined) &&
  call.args.some((arg) => arg.literal === "--no-pager")
