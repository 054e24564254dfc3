// How a test file calls vitest.
import { type CallExpression, type Expression, Visitor } from "oxc-parser"
import { at, lineOf, type Source } from "./source.ts"

const ROOTS = new Set(["it", "test", "describe"])
const NEED_A_REASON = new Set(["skip", "skipIf", "runIf", "todo"])

/** The name that a callee begins with: `describe` for `describe.each(rows)("name", …)`. */
export const rootName = (callee: Expression): string | undefined => {
  if (callee.type === "Identifier") return callee.name
  if (callee.type === "MemberExpression") return rootName(callee.object)
  return callee.type === "CallExpression" ? rootName(callee.callee) : undefined
}

/** Tests that are left out without a comment on the line or above it, and tests that run alone. */
export const unexplainedSkips = (source: Source): ReadonlyArray<string> => {
  const found: Array<string> = []
  new Visitor({
    CallExpression: (node) => {
      const modifier = modifierOf(node)
      const isUnexplained = modifier !== undefined && NEED_A_REASON.has(modifier) && !isExplained(source, node)
      if (modifier === "only" || isUnexplained) found.push(at(source, node.start, `.${modifier}(`))
    }
  }).visit(source.program)
  return found
}

const modifierOf = ({ callee }: CallExpression): string | undefined =>
  callee.type === "MemberExpression" && callee.property.type === "Identifier" && ROOTS.has(rootName(callee) ?? "")
    ? callee.property.name
    : undefined

const isExplained = (source: Source, node: CallExpression): boolean => {
  const line = lineOf(source, node.start)
  return source.comments.some(({ end }) => [line, line - 1].includes(lineOf(source, end)))
}
