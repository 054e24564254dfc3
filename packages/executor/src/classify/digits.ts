// Substitutions whose output is digits and white space, whatever the data: counts, process ids, times.
import type { ParsedScript } from "unbash"

type Command = Extract<ParsedScript["commands"][number]["command"], { readonly type: "Command" }>

const OUTPUTS_DIGITS: Readonly<Record<string, (args: ReadonlyArray<string>) => boolean>> = {
  pgrep: (args) => !args.some((arg) => /^-[^-]*[laLd]/.test(arg) || /^--(list|delim)/.test(arg)),
  pidof: (args) => !args.some((arg) => /^-[^-]*[Sd]/.test(arg)),
  nproc: () => true,
  seq: (args) => args.every((arg) => /^\d+$/.test(arg)),
  date: (args) => args.length > 0 && /^(-u )?\+(%[sYmdHMjuw])+$/.test(args.join(" ")),
  id: (args) => args.length > 0 && args.every((arg) => /^(-[ug]|\w[\w-]*)$/.test(arg)) && /^-[ug]$/.test(args[0] ?? ""),
  wc: (args) => args.length === 1 && /^-[lcwm]$/.test(args[0] ?? ""),
  grep: (args) => args[0] === "-c" && args.length === 2
}

/** Does it print nothing but digits and white space, when it prints? */
export const yieldsDigits = (script: ParsedScript): boolean => {
  const [statement] = script.commands
  if (script.commands.length !== 1 || statement === undefined) return false
  const node = statement.command
  const last = node.type === "Pipeline" && node.prefixes.length === 0 ? node.commands.at(-1) : node
  return last?.type === "Command" && isDigitsCommand(last)
}

const isDigitsCommand = (command: Command): boolean => {
  const test = OUTPUTS_DIGITS[command.name?.value ?? ""]
  const isRedirected = command.redirects.some((redirect) => redirect.operator !== "<" && redirect.operator !== ">")
  if (test === undefined || !Object.hasOwn(OUTPUTS_DIGITS, command.name?.value ?? "") || isRedirected) return false
  // An expansion could bring another option: `$(pgrep "$X")` may print names.
  return (
    command.args.every((arg) => arg.type === "Word" && !/[$`*?[{]/.test(arg.text)) && test(command.args.map(textOf))
  )
}

const textOf = (argument: Command["args"][number]): string => (argument.type === "Word" ? argument.value : "")
