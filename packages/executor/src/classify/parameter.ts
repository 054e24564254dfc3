// Variables and parameter expansions: what they bring, and the forms that evaluate code hidden in a value.
import type { ParameterExpansionPart, Word } from "unbash"
import { type Argument, asPiece, DIGITS, type Piece, UNKNOWN_TEXT, UNKNOWN_WORDS } from "./argument.ts"
import { report, type Scope } from "./scope.ts"

const NUMERIC = new Set(["?", "#", "$", "!", "PPID", "UID", "EUID", "RANDOM", "SECONDS", "LINENO"])

/** Text that the shell neither splits nor takes for a pattern. */
const UNSPLITTABLE = /^[\w.,/:@%+=-]+$/

/** What `$name` brings at this place. */
export const variable = (name: string, scope: Scope, isQuoted: boolean): Piece => {
  if (NUMERIC.has(name)) return DIGITS
  if (name === "@") return UNKNOWN_WORDS
  const value = scope.variables.get(name)
  if (value === undefined) return isQuoted ? UNKNOWN_TEXT : UNKNOWN_WORDS
  if (isQuoted) return { ...UNKNOWN_TEXT, ...asPiece(value), ...(value.literal === undefined ? { spread: "one" } : {}) }
  if (value.literal !== undefined) return UNSPLITTABLE.test(value.literal) ? { text: value.literal } : UNKNOWN_WORDS
  return value.isDigits && value.pattern === "*" ? DIGITS : UNKNOWN_WORDS
}

/** What `${…}` brings; a form that may evaluate a value as code is reported as unknown. */
export const parameter = (
  part: ParameterExpansionPart,
  scope: Scope,
  isQuoted: boolean,
  read: (word: Word) => Argument
): Piece => {
  const danger = dangerOf(part, isQuoted)
  if (danger !== undefined) report(scope, scope.place(part.pos, part.end), "unknown", danger)
  for (const operand of operands(part)) read(operand)
  if (part.prefix === "#") return DIGITS
  if (part.operation === undefined && part.index === undefined) return variable(part.parameter, scope, isQuoted)
  return isQuoted && !/\[@\]/.test(part.text) ? UNKNOWN_TEXT : UNKNOWN_WORDS
}

const dangerOf = (part: ParameterExpansionPart, isQuoted: boolean): string | undefined => {
  const { index, operation } = part
  if (part.prefix === "!") return "an indirect expansion: the value names what is expanded"
  if (index !== undefined && !/^(\d+|@|\*)$/.test(index.text)) return "a subscript, which is evaluated as arithmetic"
  if (!/^(\w+|[@*#?$!-])$/.test(part.parameter)) return "a parameter expansion that the classifier does not know"
  if (/['"`\\]/.test(part.text) && isQuoted) return "quotes inside a quoted expansion, which shells read differently"
  switch (operation?.type) {
    case undefined:
    case "Remove":
    case "Replace":
    case "CaseModification":
      return undefined
    case "Default":
      return operation.operator.includes("=") ? "an expansion that assigns" : undefined
    case "Slice":
      return [operation.offset, operation.length].every((word) => word === undefined || /^ ?-?\d+$/.test(word.text))
        ? undefined
        : "a slice, which is evaluated as arithmetic"
    default:
      return "a transformation that may execute the value"
  }
}

const operands = ({ index, operation }: ParameterExpansionPart): ReadonlyArray<Word> => {
  const words: Array<Word | undefined> = [index]
  switch (operation?.type) {
    case "Default":
    case "Remove":
    case "CaseModification":
    case "Transform":
      words.push(operation.operand)
      break
    case "Replace":
      words.push(operation.pattern, operation.replacement)
      break
    case "Slice":
      words.push(operation.offset, operation.length)
  }
  return words.filter((word) => word !== undefined)
}
