// The functions of a file and their lengths in lines.
import { type ArrowFunctionExpression, type Function as FunctionNode, Visitor } from "oxc-parser"
import { lineOf, type Source } from "./source.ts"
import { rootName } from "./test-calls.ts"

type AnyFunction = FunctionNode | ArrowFunctionExpression

/** Calls whose callback only registers tests: it is as long as the file. */
const REGISTERING = new Set(["describe", "layer"])

export interface MeasuredFunction {
  readonly offset: number
  readonly lines: number
}

/** Every function with the lines it spans; callbacks that only register tests are neither listed nor counted in others. */
export const measuredFunctions = (source: Source): ReadonlyArray<MeasuredFunction> => {
  const { functions, registering } = collect(source)
  return functions
    .filter((each) => !registering.includes(each))
    .map((each) => {
      const inside = outermost(registering.filter((other) => other.start > each.start && other.end < each.end))
      const lines = inside.reduce((sum, other) => sum - span(source, other), span(source, each))
      return { offset: each.start, lines }
    })
}

const collect = (source: Source) => {
  const functions: Array<AnyFunction> = []
  const registering: Array<AnyFunction> = []
  const add = (node: AnyFunction) => functions.push(node)
  new Visitor({
    FunctionDeclaration: add,
    FunctionExpression: add,
    ArrowFunctionExpression: add,
    CallExpression: (node) => {
      if (REGISTERING.has(rootName(node.callee) ?? "")) registering.push(...node.arguments.filter(isFunction))
    }
  }).visit(source.program)
  return { functions, registering }
}

const isFunction = (node: { readonly type: string }): node is AnyFunction =>
  node.type === "ArrowFunctionExpression" || node.type === "FunctionExpression"

const outermost = (nodes: ReadonlyArray<AnyFunction>) =>
  nodes.filter((node) => !nodes.some((other) => other.start < node.start && other.end > node.end))

const span = (source: Source, node: AnyFunction) => lineOf(source, node.end) - lineOf(source, node.start) + 1
