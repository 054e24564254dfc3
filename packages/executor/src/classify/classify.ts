// The classifier's two entries: a command line for a shell, and an argument vector for no shell.
import { parse } from "unbash"
import { type Argument, literalArgument } from "./argument.ts"
import { type Classification, type Part, worst } from "./classification.ts"
import { hiddenCharacter } from "./hidden-characters.ts"
import { judgeProgram } from "./program.ts"
import { DEPTH_MAX, type Inside, report, type Scope } from "./scope.ts"
import { judgeScript } from "./statement.ts"

/** A longer command line is not parsed and counts as unknown. UTF-16 units. */
export const COMMAND_LENGTH_MAX = 64 * 1024

/** Circumstances that the words do not tell. */
export interface ClassifyOptions {
  /** Does the command run on a terminal, where pagers open and wait for keys? Not unless told. */
  readonly hasTerminal?: boolean
}

/**
 * Judges a command line for `sh`, `bash`, `dash` or BusyBox. Pure, and fails closed: what cannot be parsed, is not
 * modelled, or depends on text that is not in the line, is `unknown`. Never throws.
 *
 * @example
 * classify("df -h | sort -o /etc/passwd").class // "write"
 */
export const classify = (commandLine: string, options: ClassifyOptions = {}): Classification => {
  const whole = [0, commandLine.length] as const
  if (commandLine.length > COMMAND_LENGTH_MAX) {
    return refusal({ range: whole, class: "unknown", why: `longer than ${COMMAND_LENGTH_MAX} characters` })
  }
  const hidden = hiddenCharacter(commandLine)
  if (hidden !== undefined) return refusal(hidden)
  return guarded(whole, () => {
    const scope = topScope(commandLine, (start, end) => [start, end], options)
    judgeScript(parse(commandLine), scope)
    return scope.parts
  })
}

/**
 * Judges an argument vector that no shell expands. Ranges refer to the arguments joined by single spaces.
 *
 * @example
 * classifyArgv(["cat", "/var/log/syslog"]).class // "read"
 */
export const classifyArgv = (argv: ReadonlyArray<string>, options: ClassifyOptions = {}): Classification => {
  const line = argv.join(" ")
  const whole = [0, line.length] as const
  if (line.length > COMMAND_LENGTH_MAX) {
    return refusal({ range: whole, class: "unknown", why: `longer than ${COMMAND_LENGTH_MAX} characters` })
  }
  const hidden = hiddenCharacter(line)
  if (hidden !== undefined) return refusal(hidden)
  let at = 0
  const words = argv.map((text) => {
    const start = at
    at += text.length + 1
    return literalArgument(text, [start, start + text.length], start)
  })
  return guarded(whole, () => {
    const scope = topScope(line, (start, end) => [start, end], options)
    judgeProgram(words, whole, scope)
    return scope.parts
  })
}

const refusal = (part: Part): Classification => ({ class: part.class, parts: [part] })

/** An exception in parser or model must not decide anything: it is one more thing that is not known. */
const guarded = (range: Part["range"], judge: () => ReadonlyArray<Part>): Classification => {
  try {
    const parts = inOrder(judge(), range[1])
    if (parts.length === 0) return refusal({ range, class: "unknown", why: "there is no command in it" })
    return { class: worst(parts.map((part) => part.class)), parts }
  } catch (error) {
    return refusal({
      range,
      class: "unknown",
      why: `it could not be judged: ${error instanceof Error ? error.name : "failure"}`
    })
  }
}

/** Loops over literal lists judge the same words several times: each verdict is kept once. */
const inOrder = (judged: ReadonlyArray<Part>, end: number): ReadonlyArray<Part> => {
  const distinct = new Map<string, Part>()
  // The parser may place an error that the end of the line caused one behind it.
  const parts = judged.map((part) => ({
    ...part,
    range: [Math.min(part.range[0], end), Math.min(part.range[1], end)] as const
  }))
  for (const part of parts) distinct.set(`${part.range[0]} ${part.range[1]} ${part.class} ${part.why}`, part)
  return [...distinct.values()].sort((a, b) => a.range[0] - b.range[0] || b.range[1] - a.range[1])
}

const topScope = (source: string, place: Scope["place"], options: ClassifyOptions): Scope => ({
  parts: [],
  place,
  source,
  variables: new Map(),
  isPiped: false,
  input: "inherited",
  hasTerminal: options.hasTerminal ?? false,
  depth: 0,
  repeats: 1,
  inside
})

const inside: Inside = {
  script: judgeScript,
  command: (words, range, scope) => judgeProgram(words, range, deeper(scope)),
  code: (argument, scope) => judgeCode(argument, deeper(scope))
}

const deeper = (scope: Scope): Scope => ({ ...scope, depth: scope.depth + 1 })

const judgeCode = (argument: Argument, scope: Scope) => {
  const { literal, range, verbatimAt } = argument
  if (literal === undefined) return report(scope, range, "unknown", "shell code that an expansion decides")
  if (scope.depth > DEPTH_MAX) return report(scope, range, "unknown", `nested deeper than ${DEPTH_MAX} levels`)
  const place: Scope["place"] =
    verbatimAt === undefined ? () => range : (start, end) => scope.place(verbatimAt + start, verbatimAt + end)
  const before = scope.parts.length
  judgeScript(parse(literal), { ...scope, place, source: literal, variables: new Map() })
  if (scope.parts.length === before) report(scope, range, "read", "empty shell code")
}
