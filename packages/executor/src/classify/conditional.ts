// `[[ … ]]`. A POSIX shell has no such command and would run what stands in it, so what it would do there counts too.
import { type Argument } from "./argument.ts"
import { report, type Scope } from "./scope.ts"
import type { TestExpression, Word } from "./syntax.ts"
import { readSingle } from "./word.ts"

const ARITHMETIC = /^-(eq|ne|lt|le|gt|ge)$/

export const judgeConditional = (expression: TestExpression, scope: Scope, isLater = false): void => {
  const range = scope.place(expression.pos, expression.end)
  switch (expression.type) {
    case "TestLogical":
      for (const [index, operand] of expression.operands.entries())
        judgeConditional(operand, scope, isLater || index > 0)
      return
    case "TestNot":
      judgeConditional(expression.operand, scope, isLater)
      return
    case "TestGroup":
      if (isLater) report(scope, range, "unknown", "parentheses in [[ ]], which a POSIX shell would run")
      judgeConditional(expression.expression, scope, true)
      return
    case "TestUnary": {
      const operand = readOperand(expression.operand, scope)
      if (isLater && !/^-[a-zA-Z]$/.test(expression.operator)) {
        report(scope, range, "unknown", "a word that a POSIX shell would run as a command")
      }
      if (/^-[vR]$/.test(expression.operator) && !/^\w+$/.test(operand.literal ?? "")) {
        report(scope, range, "unknown", "a variable's name that may hold a subscript, which is evaluated")
      }
      return
    }
    case "TestBinary":
      judgeBinary(expression, scope, isLater)
      return
  }
}

const judgeBinary = (
  expression: Extract<TestExpression, { type: "TestBinary" }>,
  scope: Scope,
  isLater: boolean
): void => {
  const range = scope.place(expression.pos, expression.end)
  const left = readOperand(expression.left, scope)
  const right = readOperand(expression.right, scope)
  if (isLater && !isHarmlessCommandWord(left)) {
    report(scope, range, "unknown", "a word that a POSIX shell would run as a command")
  }
  if (expression.operator === "<" || expression.operator === ">") {
    report(scope, range, "unknown", "a comparison that a POSIX shell reads as a redirection")
  }
  if (ARITHMETIC.test(expression.operator) && ![left, right].every(isNumber)) {
    report(scope, range, "unknown", "a comparison that evaluates its operands as arithmetic")
  }
}

/** What is not quoted may hold what a POSIX shell takes for an operator. */
const readOperand = (word: Word, scope: Scope): Argument => {
  const bare = word.parts?.filter((part) => !ENCLOSED.has(part.type)) ?? [word]
  if (bare.some((part) => /[|;&<>()]/.test(part.text))) {
    report(scope, scope.place(word.pos, word.end), "unknown", "a word that a POSIX shell would take apart")
  }
  return readSingle(word, scope)
}

const ENCLOSED = new Set([
  "SingleQuoted",
  "DoubleQuoted",
  "AnsiCQuoted",
  "SimpleExpansion",
  "ParameterExpansion",
  "CommandExpansion",
  "ArithmeticExpansion"
])

const isNumber = (value: Argument): boolean =>
  value.literal === undefined ? value.isDigits && value.pattern === "*" : /^-?\d+$/.test(value.literal)

const isHarmlessCommandWord = (word: Argument): boolean => /^\d+$/.test(word.literal ?? "")
