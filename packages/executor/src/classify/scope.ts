// What is known at one place of a command line while it is judged.
import type { ParsedScript } from "unbash"
import type { Access } from "../plan.ts"
import type { Argument } from "./argument.ts"
import type { Part, Range } from "./classification.ts"

/** Substitutions, wrappers and scripts inside one another. */
export const DEPTH_MAX = 16
/** Parts that are kept; a line with more is unknown. Bounds the work that loops over literal lists can ask for. */
const PARTS_MAX = 20_000

/** Where a program's standard input comes from: not the line's business, text written in the line, or data. */
export type Input = "inherited" | "literal" | "data"

/** The ways back into the classifier, for what holds commands: substitutions, wrappers, scripts in an argument. */
export interface Inside {
  readonly script: (script: ParsedScript, scope: Scope) => void
  /** Parses the argument as shell code. */
  readonly code: (argument: Argument, scope: Scope) => void
  /** A program and its arguments, without a shell in between. */
  readonly command: (words: ReadonlyArray<Argument>, range: Range, scope: Scope) => void
}

export interface Scope {
  readonly parts: Array<Part>
  /** Offsets of the text being judged to a range of the command line. */
  readonly place: (start: number, end: number) => Range
  readonly source: string
  /** Variables whose value is known, or partly known, here. */
  readonly variables: ReadonlyMap<string, Argument>
  readonly isPiped: boolean
  readonly input: Input
  readonly hasTerminal: boolean
  readonly depth: number
  /** How often loops over literal lists repeat this place. */
  readonly repeats: number
  readonly inside: Inside
}

export const report = (scope: Scope, range: Range, access: Access, why: string): void => {
  if (scope.parts.length < PARTS_MAX) scope.parts.push({ range, class: access, why })
  else if (scope.parts.length === PARTS_MAX) {
    scope.parts.push({ range, class: "unknown", why: `more than ${PARTS_MAX} parts` })
  }
}

export const bind = (scope: Scope, name: string, value: Argument): Scope => ({
  ...scope,
  variables: new Map(scope.variables).set(name, value)
})

export const forget = (scope: Scope, names: Iterable<string>): Scope => {
  const variables = new Map(scope.variables)
  for (const name of names) variables.delete(name)
  return { ...scope, variables }
}
