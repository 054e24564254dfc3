// awk: a language that can run commands (`system`, pipes), write files (`print >`) and read others (`getline`).
import type { Argument } from "../argument.ts"
import { literalArgument } from "../argument.ts"
import { type Form, type Judge, reads, unknown } from "../model.ts"
import { parseOptions } from "../options.ts"
import { contentOf } from "../secret-material.ts"

const AWK: Form = {
  flags: "-F:dash -v: --field-separator=dash --assign= --posix --traditional --re-interval --characters-as-bytes",
  isOptionsFirst: true
}

export const awk: Judge = (call) => {
  const { refusal, operands, options } = parseOptions(AWK, call.args)
  if (refusal !== undefined) return refusal
  const [program, ...files] = operands
  if (program === undefined)
    return options.size > 0 ? reads("prints how awk is used") : unknown("awk without a program")
  const text = program.literal ?? (program.isDigits ? program.pattern.replaceAll("*", "1") : undefined)
  if (text === undefined) return unknown("an awk program that an expansion decides", program.range)
  const danger = dangerIn(text)
  if (danger !== undefined) return { ...danger, range: program.range }
  for (const file of [...files, ...strings(text, program.range)]) {
    const verdict = contentOf(file)
    if (verdict !== undefined) return verdict
  }
  return reads("awk prints what it makes of the text")
}

const strings = (text: string, range: Argument["range"]): ReadonlyArray<Argument> =>
  (text.match(/"[^"\\\n]*"/g) ?? []).map((quoted) => literalArgument(quoted.slice(1, -1), range))

const KEYWORDS = /^(print|printf|return|in|exit|delete|case|else|do|if|while|for|BEGIN|END|next|function|func)$/

/** Reads the program token by token: a slash is a division after a value and begins a regular expression elsewhere. */
const dangerIn = (text: string): { readonly class: "unknown" | "write"; readonly why: string } | undefined => {
  // Looked for in the whole text, strings and comments too: a token that was misread must not hide a call.
  if (/\bsystem\b\s*\(|\bgetline\b|\|&|@/.test(text.replace(/"[^"\\\n(]*"/g, '""')))
    return { class: "unknown", why: "an awk program that runs or reads something else" }
  let at = 0
  let previous = ""
  let depth = 0
  let isPrinting = false
  while (at < text.length) {
    const token = tokenAt(text, at, previous)
    if (token === undefined) return { class: "unknown", why: "an awk program that is not understood" }
    at += token.length
    // A line's end after a value: what follows may be a pattern, so a slash there could be either.
    if (token.includes("\n") && token !== "\\\n" && /^[\w$)\]"]/.test(previous.slice(-1))) previous = "++"
    if (/^(\s|#)/.test(token) || token === "\\\n") continue
    if (token === "system" || token === "getline")
      return { class: "unknown", why: "an awk program that runs or reads something else" }
    if (token === "(") depth++
    if (token === ")") depth--
    if (token === ";" || token === "}") isPrinting = false
    if (token === "print" || token === "printf") isPrinting = true
    if (token === "|") return { class: "unknown", why: "an awk program that runs a command" }
    if (/^>>?$/.test(token) && isPrinting && depth <= 0)
      return { class: "write", why: "an awk program that writes a file" }
    if (token === ">>") return { class: "write", why: "an awk program that writes a file" }
    previous = token
  }
  return undefined
}

const tokenAt = (text: string, at: number, previous: string): string | undefined => {
  const rest = text.slice(at)
  const isAfterValue = /^[\w$)\]"]/.test(previous.slice(-1)) && !KEYWORDS.test(previous)
  if (rest[0] === "/") {
    // After a parenthesis it divides, or begins a pattern: with a second slash on the line that would matter.
    if ((previous === ")" || previous === "$") && regexAt(rest) !== undefined) return undefined
    if (isAfterValue) return /^\/=?/.exec(rest)?.[0]
    // After ++ or -- it could be either.
    if (/^(\+\+|--)$/.test(previous)) return undefined
    return regexAt(rest)
  }
  if (rest[0] === '"') return /^"(?:[^"\\\n]|\\[^\n])*"/.exec(rest)?.[0]
  return /^(?:[ \t\r\n]+|#[^\n]*|\\\n|[A-Za-z_]\w*|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+|\+\+|--|&&|\|\||>>|>=|<=|==|!=|!~|\*\*=?|[-+*%^]=|[-+*%^!<>=~?:,;(){}$[\]|])/.exec(
    rest
  )?.[0]
}

// A slash inside brackets ends the expression for some implementations and not for others.
const regexAt = (rest: string): string | undefined => {
  const regex = /^\/(?:[^/\\\n]|\\[^\n])*\//.exec(rest)?.[0]
  if (regex === undefined) return undefined
  const withoutBrackets = regex.replace(/\\./g, "").replace(/\[\^?\]?(\[:\w+:\]|[^\]])*\]/g, "")
  return withoutBrackets.includes("[") ? undefined : regex
}
