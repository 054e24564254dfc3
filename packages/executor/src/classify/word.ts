// Reads the parser's words into arguments, and judges every substitution inside them on the way.
import type { ParsedScript, Word, WordPart } from "unbash"
import { type Argument, fileNames, join, type Piece, UNKNOWN_TEXT, UNKNOWN_WORDS } from "./argument.ts"
import { judgeArithmetic } from "./arithmetic.ts"
import { expandBraces } from "./braces.ts"
import { yieldsDigits } from "./digits.ts"
import { hasNonAscii } from "./hidden-characters.ts"
import { parameter, variable } from "./parameter.ts"
import { DEPTH_MAX, report, type Scope } from "./scope.ts"

/** The arguments that a word becomes: one, or one for each item of its brace lists. */
export const readWord = (word: Word, scope: Scope): ReadonlyArray<Argument> => {
  const parts = word.parts
  const range = scope.place(word.pos, word.end)
  if (parts === undefined) {
    if (hasNonAscii(word.text)) report(scope, range, "unknown", "a character outside ASCII that is not quoted")
    return [join([{ text: word.value }], range, word.value === word.text ? word.pos : undefined)]
  }
  const lists = expandBraces(parts)
  if (lists !== undefined) return lists.map((list) => join(pieces(list, scope, false), range))
  return [join(pieces(parts, scope, false), range, verbatimAt(word, parts))]
}

/** A word in a place where the shell makes one word of it: assignments, redirections, `case`, here-strings. */
export const readSingle = (word: Word, scope: Scope): Argument =>
  join(pieces(word.parts ?? [], scope, false, word), scope.place(word.pos, word.end))

/** The pieces of quoted text: a here-document's body. */
export const readQuoted = (parts: ReadonlyArray<WordPart>, scope: Scope): void => {
  pieces(parts, scope, true)
}

const verbatimAt = (word: Word, parts: ReadonlyArray<WordPart>): number | undefined => {
  const [only] = parts
  if (parts.length !== 1 || only === undefined) return undefined
  if (only.type === "SingleQuoted") return word.pos + 1
  const isPlainText = only.type === "DoubleQuoted" && only.parts.every((part) => part.type === "Literal")
  return isPlainText && word.value === word.text.slice(1, -1) ? word.pos + 1 : undefined
}

const pieces = (parts: ReadonlyArray<WordPart>, scope: Scope, isQuoted: boolean, bare?: Word): ReadonlyArray<Piece> => {
  if (bare !== undefined && bare.parts === undefined) {
    const range = scope.place(bare.pos, bare.end)
    if (hasNonAscii(bare.text)) report(scope, range, "unknown", "a character outside ASCII that is not quoted")
    return [{ text: bare.value }]
  }
  return parts.flatMap((part) => piece(part, scope, isQuoted))
}

const piece = (part: WordPart, scope: Scope, isQuoted: boolean): ReadonlyArray<Piece> => {
  const range = scope.place(part.pos, part.end)
  switch (part.type) {
    case "Literal":
      if (!isQuoted && hasNonAscii(part.text)) {
        report(scope, range, "unknown", "a character outside ASCII that is not quoted")
      }
      return [{ text: part.value }]
    case "SingleQuoted":
      return [{ text: part.value }]
    case "AnsiCQuoted":
      if (!isPortableAnsiC(part.text, part.value)) {
        report(scope, range, "unknown", "an escape in $'…' that shells read differently")
      }
      return [{ text: part.value }]
    case "DoubleQuoted":
      return pieces(part.parts, scope, true)
    case "LocaleString":
      report(scope, range, "unknown", 'a translated string, $"…"')
      return pieces(part.parts, scope, true)
    case "SimpleExpansion":
      return [variable(part.text.slice(1), scope, isQuoted)]
    case "ParameterExpansion":
      return [parameter(part, scope, isQuoted, (word) => readSingle(word, scope))]
    case "ArithmeticExpansion":
      return [judgeArithmetic(part, scope)]
    default:
      return [nested(part, scope, isQuoted)]
  }
}

const nested = (
  part: Extract<
    WordPart,
    { type: "CommandExpansion" | "ProcessSubstitution" | "Glob" | "ExtendedGlob" | "BraceExpansion" }
  >,
  scope: Scope,
  isQuoted: boolean
): Piece => {
  const range = scope.place(part.pos, part.end)
  switch (part.type) {
    case "Glob":
      if (part.parts?.some((inner) => inner.type !== "Literal")) {
        report(scope, range, "unknown", "an expansion inside a pattern")
      }
      return fileNames(part.text)
    case "ExtendedGlob":
      report(scope, range, "unknown", "an extended pattern, which other shells execute or refuse")
      return UNKNOWN_WORDS
    case "BraceExpansion":
      pieces(part.parts ?? [], scope, false)
      return UNKNOWN_WORDS
    case "CommandExpansion":
      return commandSubstitution(part, scope, isQuoted)
    case "ProcessSubstitution":
      substituted(part, part.operator === ">" ? { ...scope, input: "data" } : { ...scope, isPiped: true })
      return { text: "/dev/fd/63" }
  }
}

const commandSubstitution = (
  part: Extract<WordPart, { type: "CommandExpansion" }>,
  scope: Scope,
  isQuoted: boolean
): Piece => {
  const range = scope.place(part.pos, part.end)
  if (/^\$\{/.test(part.text)) report(scope, range, "unknown", "a substitution in braces, which only new shells know")
  if (part.text.startsWith("`") && part.text.includes("\\")) {
    report(scope, range, "unknown", "a backslash inside backquotes, which shells read differently")
  }
  if (part.script !== undefined && isBuiltFromText(part.script)) {
    report(scope, range, "unknown", "text that the line itself builds, which hides what it is")
  }
  substituted(part, { ...scope, isPiped: true })
  const isDigits = part.script !== undefined && yieldsDigits(part.script)
  if (isDigits) return { ...UNKNOWN_TEXT, isDigits, spread: isQuoted ? "one" : "several" }
  return isQuoted ? UNKNOWN_TEXT : UNKNOWN_WORDS
}

/** Output that comes from nothing but words of the line could stand there as it is. */
const isBuiltFromText = (script: ParsedScript): boolean => {
  const [statement] = script.commands
  if (script.commands.length !== 1 || statement === undefined) return false
  const first = statement.command.type === "Pipeline" ? statement.command.commands[0] : statement.command
  if (first?.type !== "Command" || !/^(echo|printf)$/.test(first.name?.value ?? "")) return false
  return first.args.every((arg) => arg.type === "Word" && !/[$`]/.test(arg.text))
}

const substituted = (part: Extract<WordPart, { type: "CommandExpansion" | "ProcessSubstitution" }>, scope: Scope) => {
  const range = scope.place(part.pos, part.end)
  if (scope.depth >= DEPTH_MAX) return report(scope, range, "unknown", `nested deeper than ${DEPTH_MAX} levels`)
  if (part.script === undefined) return report(scope, range, "unknown", "a substitution that cannot be parsed")
  const isMoved = part.script.source !== undefined
  scope.inside.script(part.script, {
    ...scope,
    depth: scope.depth + 1,
    source: part.script.source ?? scope.source,
    // Escaped backquotes are decoded into a text of their own: its positions are not the line's.
    place: isMoved ? () => range : scope.place
  })
}

// dash knows no $'…': there the text is single-quoted after a dollar sign, so an escaped quote ends it early.
const isPortableAnsiC = (text: string, value: string): boolean =>
  /^\$'(?:[^\\']|\\[abefnrtv\\"?]|\\x[0-9a-fA-F]{2}|\\[0-7]{3})*'$/.test(text) && !/[\0\ufffd]/.test(value)
