// A word of a command as far as it is known before a shell expands it.
import type { Range } from "./classification.ts"

/**
 * How many words it may become: exactly one; several (or none), each of the same prefix and suffix (globs, lists);
 * or anything at all (an unquoted expansion is split, so an option may hide in it).
 */
export type Spread = "one" | "several" | "anything"

export interface Argument {
  readonly range: Range
  /** The exact text, when all of it is known. */
  readonly literal: string | undefined
  /** The text before the first unknown piece. */
  readonly prefix: string
  /** The text after the last unknown piece. */
  readonly suffix: string
  /** All known text, with `*` for each unknown piece. */
  readonly pattern: string
  readonly spread: Spread
  /** Every unknown piece holds decimal digits only. */
  readonly isDigits: boolean
  /** Where the literal stands unchanged in the source, so that code inside it keeps its positions. */
  readonly verbatimAt?: number | undefined
}

export const literalArgument = (literal: string, range: Range, verbatimAt?: number): Argument => ({
  range,
  literal,
  prefix: literal,
  suffix: literal,
  pattern: literal,
  spread: "one",
  isDigits: false,
  verbatimAt
})

/** A piece of a word: known text, or something that the shell will put there. */
export type Piece =
  | { readonly text: string }
  | {
      readonly spread: Spread
      readonly isDigits: boolean
      readonly prefix: string
      readonly suffix: string
      readonly pattern: string
    }

export const UNKNOWN_TEXT: Exclude<Piece, { text: string }> = {
  spread: "one",
  isDigits: false,
  prefix: "",
  suffix: "",
  pattern: "*"
}
export const DIGITS: Piece = { ...UNKNOWN_TEXT, isDigits: true }
export const UNKNOWN_WORDS: Piece = { ...UNKNOWN_TEXT, spread: "anything" }
/** What a glob brings; a single `?` keeps its own sign, which stands for one character. */
export const fileNames = (glob: string): Piece => ({
  ...UNKNOWN_TEXT,
  spread: "several",
  pattern: glob === "?" ? "?" : "*"
})

const WIDTH: ReadonlyArray<Spread> = ["one", "several", "anything"]
const wider = (a: Spread, b: Spread): Spread => (WIDTH.indexOf(a) < WIDTH.indexOf(b) ? b : a)

/** Joins pieces into one argument. */
export const join = (pieces: ReadonlyArray<Piece>, range: Range, verbatimAt?: number): Argument => {
  if (pieces.every((piece) => "text" in piece)) {
    return literalArgument(pieces.map((piece) => piece.text).join(""), range, verbatimAt)
  }
  let prefix = ""
  let suffix = ""
  let pattern = ""
  let spread: Spread = "one"
  let isDigits = true
  let isPrefixOpen = true
  for (const piece of pieces) {
    if ("text" in piece) {
      if (isPrefixOpen) prefix += piece.text
      suffix += piece.text
      pattern += piece.text
      continue
    }
    if (isPrefixOpen) prefix += piece.prefix
    isPrefixOpen = false
    suffix = piece.suffix
    pattern += piece.pattern
    spread = wider(spread, piece.spread)
    isDigits &&= piece.isDigits
  }
  return { range, literal: undefined, prefix, suffix, pattern, spread, isDigits }
}

/** One argument as a piece of another, e.g. a variable's value in a word. */
export const asPiece = (argument: Argument): Piece =>
  argument.literal !== undefined
    ? { text: argument.literal }
    : {
        spread: argument.spread,
        isDigits: argument.isDigits && argument.pattern === "*",
        prefix: argument.prefix,
        suffix: argument.suffix,
        pattern: argument.pattern
      }

/** Can it start with a dash, and so be taken for an option? */
export const mayBeOption = (argument: Argument): boolean =>
  argument.spread === "anything" ||
  (argument.prefix === "" ? argument.literal === undefined && !argument.isDigits : argument.prefix.startsWith("-"))

/** Is it exactly one word that cannot be an option, whatever an expansion brings? */
export const isPlainWord = (argument: Argument): boolean => argument.spread === "one" && !mayBeOption(argument)
