// Shells started from the line, accounts that are changed to, and the builtins that take code or names.
import type { Argument } from "../argument.ts"
import { isHarmlessEnvironment, isSensitiveName } from "../assignment.ts"
import { type Form, type Judge, reads, unknown } from "../model.ts"
import { parseOptions } from "../options.ts"

const SHELL: Form = {
  flags: "-ceuxlnv -o:pipefail|errexit|nounset|noglob|posix --norc --noprofile --login --posix",
  isOptionsFirst: true
}

/** `sh -c CODE` is judged by the code; `sh -n FILE` only checks the file's syntax. */
export const shell: Judge = (call) => {
  const { refusal, operands, options } = parseOptions(SHELL, call.args)
  if (refusal !== undefined) return refusal
  const [code] = operands
  if (options.has("--version")) return reads("prints the shell's version")
  if (options.has("-n") && !options.has("-c") && code !== undefined) return reads("checks a script without running it")
  if (!options.has("-c") || code === undefined) return unknown("a shell that runs a script or its input")
  call.scope.inside.code(code, { ...call.scope, isPiped: call.scope.isPiped })
  return reads("runs the code given to it")
}

const SU: Form = {
  flags: "-lmp -c: -s: -g: -G: --login --command= --shell= --preserve-environment",
  isOptionsFirst: false
}

/** `su -c CODE`: another account runs the code. */
export const su: Judge = (call) => {
  const { refusal, options } = parseOptions(SU, call.args)
  if (refusal !== undefined) return refusal
  const code = options.get("-c") ?? options.get("--command")
  if (code === undefined) return { class: "privilege", why: "becomes another account" }
  call.scope.inside.code(code, call.scope)
  return { class: "privilege", why: "runs code as another account" }
}

const SUDO: Form = {
  flags:
    "-nHEAPS -u: -g: -k -l -v -V -U: --non-interactive --user= --group= --set-home --preserve-env? --list --version --validate --reset-timestamp --other-user=",
  isOptionsFirst: true
}

/** `sudo` needs a rule of its own, whatever it runs: the account's rights are not the ones that were approved for reading. */
export const sudo: Judge = (call) => {
  const { refusal, operands, options } = parseOptions(SUDO, call.args)
  if (refusal !== undefined) return refusal
  if (options.has("-V") || options.has("--version")) return reads("prints the version of sudo")
  if (options.has("-l") || options.has("--list")) return reads("lists what sudo allows")
  if (operands.length === 0) return { class: "privilege", why: "renews or drops the rights that sudo gives" }
  call.scope.inside.command(operands, [operands[0]?.range[0] ?? 0, operands.at(-1)?.range[1] ?? 0], call.scope)
  return { class: "privilege", why: "runs with the rights of another account" }
}

const NAME = /^[A-Za-z_]\w*$/
const READ: Form = { flags: "-r -s -p: -t:number -n:number -N:number -a:name -d: -u:number" }

/** `read`, `mapfile`: only plain names, since a subscript in one is evaluated. */
export const readVariables: Judge = (call) => {
  const form = call.name === "read" ? READ : { flags: "-t -n:number -s:number -d: -u:number -O:number" }
  const { refusal, operands, options } = parseOptions(form, call.args)
  if (refusal !== undefined) return refusal
  const array = options.get("-a")
  const named = array === undefined ? operands : [...operands, array]
  const wrong = named.find((operand) => !NAME.test(operand.literal ?? "") || isSensitiveName(operand.literal ?? ""))
  return wrong === undefined
    ? reads("reads input into variables")
    : unknown("a variable that decides what programs do, or no plain name", wrong.range)
}

/** `export`, `declare` and the like: harmless environment, plain names, listings. */
export const declare: Judge = (call) => {
  const { refusal, operands } = parseOptions(call.name === "export" ? { flags: "-pn" } : { flags: "-parxg" }, call.args)
  if (refusal !== undefined) return refusal
  const isExported = call.name === "export" || call.args.some((arg) => /^-\w*x/.test(arg.prefix))
  const wrong = operands.find((operand) => !isHarmlessDeclaration(operand, isExported))
  return wrong === undefined
    ? reads("declares or lists variables")
    : unknown(`declares ${wrong.prefix || "what an expansion brings"}`, wrong.range)
}

const isHarmlessDeclaration = (operand: Argument, isExported: boolean): boolean => {
  const [, name, value] = /^([A-Za-z_]\w*)(?:=(.*))?$/s.exec(operand.literal ?? operand.prefix) ?? []
  if (name === undefined || (operand.literal === undefined && !operand.prefix.includes("="))) return false
  const known = { ...operand, literal: operand.literal === undefined ? undefined : (value ?? "") }
  return isExported ? isHarmlessEnvironment(name, known) : !isSensitiveName(name)
}

const BINARY = /^(=|==|!=|-eq|-ne|-lt|-le|-gt|-ge|-nt|-ot|-ef|-a|-o)$/

/** `test` and `[`: a variable's name may hold a subscript that is evaluated, so operators have to be in sight. */
export const test: Judge = (call) => {
  const args = call.name === "[" ? call.args.slice(0, -1) : call.args
  if (call.name === "[" && call.args.at(-1)?.literal !== "]") return unknown("a test without its end")
  for (const [index, arg] of args.entries()) {
    const previous = args[index - 1]
    if (arg.spread !== "one" && !(arg.spread === "several" && arg.isDigits)) {
      return unknown("an expansion that may bring several words into a test", arg.range)
    }
    const isName = /^-[vR]$/.test(previous?.prefix ?? "")
    if (isName && !NAME.test(arg.literal ?? "")) return unknown("a name that may hold a subscript", arg.range)
    if (arg.literal === undefined && previous !== undefined && previous.literal === undefined) {
      return unknown("an operator that an expansion decides", arg.range)
    }
    const isOperator =
      arg.literal === undefined && index === 0 && args.length > 1 && !BINARY.test(args[1]?.literal ?? "")
    if (isOperator) return unknown("an operator that an expansion decides", arg.range)
    if (/\[.*(\$\(|`)/s.test(arg.literal ?? "")) return unknown("a subscript that holds a command", arg.range)
  }
  return reads("tests a condition")
}

/** `printf`: `-v` assigns, and some shells evaluate the numbers. */
export const printf: Judge = (call) => {
  const [format] = call.args
  const isOption =
    format === undefined ||
    (format.prefix.startsWith("-") && format.literal !== "--" && !/^-+( |$)/.test(format.literal ?? "")) ||
    format.spread === "anything" ||
    (format.literal === undefined && format.prefix === "")
  if (isOption)
    return unknown("printf with an option, or a format that an expansion decides", format?.range ?? call.range)
  const evaluated = call.args.find((arg) => /\[.*(\$\(|`)/s.test(arg.literal ?? ""))
  return evaluated === undefined ? reads("prints text") : unknown("a subscript that holds a command", evaluated.range)
}
