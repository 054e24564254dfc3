// Takes a call's arguments apart the way getopt does, and stops at the first thing that the model does not know.
import { type Argument, literalArgument, mayBeOption } from "./argument.ts"
import { type Verdict, worst } from "./classification.ts"
import type { Form } from "./model.ts"
import { type OptionRule, type OptionTable, optionTable } from "./option-table.ts"

export interface Parsed {
  readonly options: ReadonlyMap<string, Argument | undefined>
  readonly operands: ReadonlyArray<Argument>
  /** What stands in the way of reading; the worst. */
  readonly refusal: Verdict | undefined
}

interface Progress {
  readonly options: Map<string, Argument | undefined>
  readonly operands: Array<Argument>
  refusal: Verdict | undefined
}

const NUMBER_OPTION = /^-\d+$/

/** Parses arguments by a form's flags. With `isPrefixOnly` everything from the first operand on is an operand. */
export const parseOptions = (
  form: Form,
  args: ReadonlyArray<Argument>,
  {
    inherited,
    isPrefixOnly = form.isOptionsFirst ?? false
  }: { inherited?: string | undefined; isPrefixOnly?: boolean } = {}
): Parsed => {
  const table = optionTable(form, inherited)
  const progress: Progress = { options: new Map(), operands: [], refusal: undefined }
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] as Argument
    const isOption = mayBeOption(arg) && arg.literal !== "-" && arg.literal !== ""
    if (arg.literal === "--") {
      pushOperands(progress, args.slice(index + 1))
      break
    }
    if (!isOption && isPrefixOnly) {
      pushOperands(progress, args.slice(index))
      break
    }
    if (!isOption) progress.operands.push(arg)
    else if (readOption(arg, args[index + 1], { form, table, progress }) === "took-next") index++
  }
  return progress
}

// After `--` nothing is an option; an unquoted expansion there still is several words of any kind.
const pushOperands = (progress: Progress, operands: ReadonlyArray<Argument>): void => {
  progress.operands.push(...operands)
}

interface Place {
  readonly form: Form
  readonly table: OptionTable
  readonly progress: Progress
}

const refuse = ({ progress }: Place, verdict: Verdict): void => {
  const known = progress.refusal
  if (known === undefined || worst([known.class, verdict.class]) !== known.class) progress.refusal = verdict
}

const readOption = (arg: Argument, next: Argument | undefined, place: Place): "took-next" | undefined => {
  const { form, table, progress } = place
  if (arg.spread === "anything" || (arg.literal === undefined && arg.prefix === "")) {
    if (form.isHarmless) progress.operands.push(arg)
    else refuse(place, { class: "unknown", why: "an expansion that may become an option", range: arg.range })
    return undefined
  }
  if (table.hasNumbers && NUMBER_OPTION.test(arg.literal ?? "")) {
    progress.options.set("-#", arg)
    return undefined
  }
  if (form.style === "whole" || arg.prefix.startsWith("--")) return readLong(arg, next, place)
  return readCluster(arg, next, place)
}

const readLong = (arg: Argument, next: Argument | undefined, place: Place): "took-next" | undefined => {
  const equals = arg.prefix.indexOf("=")
  const name = equals < 0 ? arg.prefix : arg.prefix.slice(0, equals)
  const rule = equals < 0 && arg.literal === undefined ? undefined : place.table.rules.get(name)
  if (rule === undefined) return refuseUnknown(name, arg, place)
  if (equals >= 0) {
    if (rule.value === "none") return refuseUnknown(arg.pattern, arg, place)
    const value = attached(arg, equals + 1)
    return accept(name, rule, value, place)
  }
  if (rule.value !== "required") return accept(name, rule, undefined, place)
  return takeNext(name, rule, arg, next, place)
}

const readCluster = (arg: Argument, next: Argument | undefined, place: Place): "took-next" | undefined => {
  for (let at = 1; at < arg.prefix.length; at++) {
    const name = `-${arg.prefix[at]}`
    const rule = place.table.rules.get(name)
    if (rule === undefined) return refuseUnknown(name, arg, place)
    const hasRest = at + 1 < arg.prefix.length || arg.literal === undefined
    if (rule.value !== "none" && hasRest) return accept(name, rule, attached(arg, at + 1), place)
    if (rule.value === "required") return takeNext(name, rule, arg, next, place)
    accept(name, rule, undefined, place)
  }
  // The known letters are over and something unknown follows them: it may be more letters.
  if (arg.literal === undefined && !place.form.isHarmless) return refuseUnknown(arg.pattern, arg, place)
  return undefined
}

const takeNext = (
  name: string,
  rule: OptionRule,
  arg: Argument,
  next: Argument | undefined,
  place: Place
): "took-next" | undefined => {
  if (next === undefined) {
    refuse(place, { class: "unknown", why: `the value of ${name} is missing`, range: arg.range })
    return undefined
  }
  const isOneWord = next.spread === "one" || place.form.isHarmless
  // A value that looks like an option is refused even where getopt would take it: it costs little, and it keeps a
  // mistake in a model from hiding an option.
  const looksLikeOption = next.prefix.startsWith("-") && next.literal !== "-" && !rule.isDashed
  if (!isOneWord || looksLikeOption) {
    refuse(place, { class: "unknown", why: `the value of ${name} may be an option`, range: next.range })
    return "took-next"
  }
  accept(name, rule, next, place)
  return "took-next"
}

const accept = (name: string, rule: OptionRule, value: Argument | undefined, place: Place): undefined => {
  place.progress.options.set(name, value)
  const range = value?.range
  if (rule.denied !== undefined) {
    refuse(place, { class: rule.denied, why: `the option ${name} ${DENIED[rule.denied]}`, ...(range && { range }) })
  } else if (value !== undefined && !rule.takes(value)) {
    refuse(place, { class: "unknown", why: `the value of ${name} is not one that is known`, range: value.range })
  }
  return undefined
}

const DENIED = {
  read: "reads",
  write: "writes",
  destroy: "removes or overwrites",
  privilege: "changes who may do what",
  exfiltrate: "sends or shows what should stay",
  unknown: "may do anything"
} as const

const attached = (arg: Argument, from: number): Argument =>
  arg.literal !== undefined
    ? literalArgument(arg.literal.slice(from), arg.range)
    : {
        ...arg,
        prefix: arg.prefix.slice(from),
        pattern: arg.pattern.slice(from),
        isDigits: arg.isDigits && arg.prefix.length === from
      }

const refuseUnknown = (name: string, arg: Argument, place: Place): undefined => {
  refuse(place, { class: "unknown", why: `the option ${name} is not one that is known to read`, range: arg.range })
  return undefined
}
