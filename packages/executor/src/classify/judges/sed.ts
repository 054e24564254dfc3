// sed: its scripts can write files (`w`), read them (`r`) and, with GNU, run commands (`e`).
import type { Argument } from "../argument.ts"
import { type Form, type Judge, reads, unknown } from "../model.ts"
import { parseOptions } from "../options.ts"
import { contentOf } from "../secret-material.ts"

const SED: Form = {
  flags:
    "-nErsuz -l:number -e: --expression= -i?!write --in-place?!write -f:!unknown --file=!unknown --quiet --silent --regexp-extended --separate --unbuffered --null-data --posix --sandbox",
  isOptionsFirst: false
}

export const sed: Judge = (call) => {
  const { refusal, operands } = parseOptions(SED, call.args)
  if (refusal !== undefined) return refusal
  if (call.args.some((arg) => arg.literal === "--")) return unknown("sed with --, after which an option is a file")
  const given = expressions(call.args)
  const scripts = given.length > 0 ? given : operands.slice(0, 1)
  const files = given.length > 0 ? operands : operands.slice(1)
  for (const script of scripts) {
    const text = script.literal ?? (script.isDigits ? script.pattern.replaceAll("*", "1") : undefined)
    if (text === undefined) return unknown("a sed script that an expansion decides", script.range)
    const danger = dangerIn(text)
    if (danger !== undefined) return unknown(danger, script.range)
  }
  for (const file of files) {
    const verdict = contentOf(file)
    if (verdict !== undefined) return verdict
  }
  return scripts.length === 0 && call.args.length === 0
    ? unknown("sed without a script")
    : reads("sed edits the text that passes through it")
}

/** All scripts: an option that is given twice keeps only its last value in the parsed options. */
const expressions = (args: ReadonlyArray<Argument>): ReadonlyArray<Argument> =>
  args.flatMap((arg, index) => {
    const attached = /^(?:-[nErsuz]*e|--expression=)(.+)$/s.exec(arg.literal ?? "")?.[1]
    if (attached !== undefined) return [{ ...arg, literal: attached, pattern: attached, verbatimAt: undefined }]
    const isValue = /^(-[nErsuz]*e|--expression)$/.test(args[index - 1]?.literal ?? "")
    const isOpen = arg.literal === undefined && /^(-[nErsuz]*e|--expression=)/.test(arg.prefix)
    return isValue || isOpen ? [arg] : []
  })

const ADDRESS = /^(\d+(~\d+)?|\$|\+\d+|~\d+)/
const PLAIN = /^[=dDgGhHnNpPxzF]/
const DELIMITER = /^[^\w\s\\]$/

/** What in a script is not known to be harmless; none when all of it is. */
const dangerIn = (script: string): string | undefined => {
  let at = 0
  const skip = (pattern: RegExp): boolean => {
    const found = pattern.exec(script.slice(at))
    if (found === null || found.index !== 0) return false
    at += found[0].length
    return true
  }
  while (at < script.length) {
    if (skip(/^[\s;{}]+/)) continue
    if (skip(/^#[^\n]*/)) continue
    for (let count = 0; count < 2; count++) {
      if (!skip(ADDRESS) && (script[at] === "/" || script[at] === "\\")) {
        const end = endOfRegex(script, at + (script[at] === "\\" ? 1 : 0))
        if (end === undefined) return "an address that is not known"
        at = end
        skip(/^[IM]*/)
      }
      if (!skip(/^\s*,\s*/)) break
    }
    skip(/^[\s!]*/)
    const command = script[at] ?? ""
    if (command === "{" || command === "}") continue
    const length = lengthOfCommand(script.slice(at))
    if (length === undefined) return `the sed command ${command || "that is missing"} is not known to be harmless`
    at += length
    if (!/^\s*($|[;}\n#])/.test(script.slice(at))) return "a sed command with something unknown after it"
  }
  return undefined
}

const lengthOfCommand = (text: string): number | undefined => {
  if (PLAIN.test(text)) return 1
  const flow = /^(:[ \t]*[A-Za-z0-9_]+|[btT][ \t]*[A-Za-z0-9_]*|[qQl][ \t]*\d*)/.exec(text)
  if (flow !== null) return flow[0].length
  // Text to the end of the script: sed takes it literally, so nothing may follow on another line.
  if (/^[aic]/.test(text)) return text.includes("\n") ? undefined : text.length
  if (text[0] !== "s" && text[0] !== "y") return undefined
  const regexEnd = endOfRegex(text, 1)
  const end = regexEnd === undefined ? undefined : endOfPart(text, regexEnd, text[1] ?? "")
  if (end === undefined) return undefined
  const flags = text[0] === "y" ? "" : (/^[gpiIM\d]*/.exec(text.slice(end))?.[0] ?? "")
  return end + flags.length
}

/** The place after a regular expression that begins with its delimiter at `at`. */
const endOfRegex = (text: string, at: number): number | undefined => {
  const delimiter = text[at] ?? ""
  if (!DELIMITER.test(delimiter)) return undefined
  const end = endOfPart(text, at + 1, delimiter)
  if (end === undefined) return undefined
  // Implementations disagree on a delimiter inside brackets: one of them would see the script end elsewhere.
  const withoutBrackets = text
    .slice(at + 1, end - 1)
    .replace(/\\./gs, "")
    .replace(/\[\^?\]?(\[:\w+:\]|[^\]])*\]/g, "")
  return withoutBrackets.includes("[") ? undefined : end
}

const endOfPart = (text: string, from: number, delimiter: string): number | undefined => {
  for (let at = from; at < text.length; at++) {
    if (text[at] === "\\") at++
    else if (text[at] === delimiter) return at + 1
    else if (text[at] === "\n") return undefined
  }
  return undefined
}
