// Arithmetic evaluates the text of variables again, and a subscript in that text may run a command:
// only numbers, and variables that are known to hold digits, may take part.

import { DIGITS, type Piece, UNKNOWN_TEXT } from "./argument.ts"
import { yieldsDigits } from "./digits.ts"
import { report, type Scope } from "./scope.ts"
import type { ArithmeticExpansionPart, ArithmeticExpression, ArithmeticForNode } from "./syntax.ts"

const NUMBER = /^(\d+|0[xX][0-9a-fA-F]+)$/

/** Judges `$((…))`; what it brings is a number. */
export const judgeArithmetic = (part: ArithmeticExpansionPart, scope: Scope): Piece => {
  const range = scope.place(part.pos, part.end)
  if (part.text.startsWith("$[")) report(scope, range, "unknown", "arithmetic of the form $[…]")
  if (part.expression === undefined) report(scope, range, "unknown", "arithmetic that cannot be parsed")
  else judgeExpression(part.expression, scope)
  return /[-~]/.test(part.text) ? UNKNOWN_TEXT : DIGITS
}

/** Judges one expression; assignments are known only in the head of an arithmetic `for`. */
export const judgeExpression = (expression: ArithmeticExpression, scope: Scope, mayAssign = false): void => {
  const range = scope.place(expression.pos, expression.end)
  switch (expression.type) {
    case "ArithmeticBinary":
      if (!mayAssign && /^([^<>=!]?|<<|>>|\*\*)=$/.test(expression.operator)) {
        report(scope, range, "unknown", "an assignment inside arithmetic")
      }
      judgeExpression(expression.left, scope, mayAssign)
      judgeExpression(expression.right, scope, mayAssign)
      return
    case "ArithmeticUnary":
      if (!mayAssign && /\+\+|--/.test(expression.operator)) {
        report(scope, range, "unknown", "an assignment inside arithmetic")
      }
      judgeExpression(expression.operand, scope, mayAssign)
      return
    case "ArithmeticTernary":
      for (const branch of [expression.test, expression.consequent, expression.alternate]) {
        judgeExpression(branch, scope, mayAssign)
      }
      return
    case "ArithmeticGroup":
      judgeExpression(expression.expression, scope, mayAssign)
      return
    case "ArithmeticCommandExpansion":
      if (expression.script !== undefined && yieldsDigits(expression.script)) {
        scope.inside.script(expression.script, { ...scope, depth: scope.depth + 1, isPiped: true })
      } else report(scope, range, "unknown", "a command inside arithmetic")
      return
    case "ArithmeticWord":
      judgeOperand(expression, scope)
      return
  }
}

/** The variable that `for ((name=…; …))` counts with. */
export const counterOf = (node: ArithmeticForNode): string | undefined => {
  const initial = node.initialize
  if (initial?.type !== "ArithmeticBinary" || initial.operator !== "=") return undefined
  if (initial.left.type !== "ArithmeticWord" || initial.right.type !== "ArithmeticWord") return undefined
  return NUMBER.test(initial.right.value) && /^[A-Za-z_]\w*$/.test(initial.left.value) ? initial.left.value : undefined
}

const judgeOperand = (word: Extract<ArithmeticExpression, { type: "ArithmeticWord" }>, scope: Scope): void => {
  if (word.parts === undefined) {
    if (!NUMBER.test(word.value) && !isNumeric(word.value, scope)) refuse(word, scope)
    return
  }
  for (const part of word.parts) {
    const isNumber = part.type === "Literal" && NUMBER.test(part.value)
    const isCounter = part.type === "SimpleExpansion" && isNumeric(part.text.slice(1), scope)
    const isCount = part.type === "CommandExpansion" && part.script !== undefined && yieldsDigits(part.script)
    if (isCount && part.script !== undefined) {
      scope.inside.script(part.script, { ...scope, depth: scope.depth + 1, isPiped: true })
    } else if (!isNumber && !isCounter) refuse(word, scope)
  }
}

const isNumeric = (name: string, scope: Scope): boolean => {
  if (/^[?#$]$/.test(name)) return true
  const value = scope.variables.get(name)
  return value !== undefined && (value.literal === undefined ? value.isDigits : NUMBER.test(value.literal))
}

const refuse = (word: { readonly pos: number; readonly end: number }, scope: Scope): void =>
  report(
    scope,
    scope.place(word.pos, word.end),
    "unknown",
    "a value that arithmetic would evaluate, and that is not known to be a number"
  )
