// Walks what the shell would run, in the order in which it would run it, and passes on what is known about variables.

import { type Argument, asPiece, DIGITS, join, literalArgument, UNKNOWN_TEXT } from "./argument.ts"
import { counterOf, judgeExpression } from "./arithmetic.ts"
import { isSensitiveName } from "./assignment.ts"
import { boundNames } from "./bound-names.ts"
import { judgeConditional } from "./conditional.ts"
import { judgeNames, outputOf } from "./pipe.ts"
import { judgeRedirection } from "./redirection.ts"
import { bind, forget, report, type Scope } from "./scope.ts"
import { judgeSimpleCommand } from "./simple-command.ts"
import type { CommandNode, ParsedScript, PipelineNode, Statement } from "./syntax.ts"
import { readSingle, readWord } from "./word.ts"

/** Runs of a loop's body that are judged one by one; beyond it the variable counts as unknown. */
const REPEATS_MAX = 32

type List = { readonly commands: ReadonlyArray<Statement> }
type Of<Type extends CommandNode["type"]> = Extract<CommandNode, { readonly type: Type }>

export const judgeScript = (script: ParsedScript, scope: Scope): void => {
  for (const error of script.errors ?? []) {
    report(
      scope,
      scope.place(error.pos, Math.max(error.pos + 1, script.end)),
      "unknown",
      `not valid shell: ${error.message}`
    )
  }
  judgeList(script, scope)
}

const judgeList = (list: List, scope: Scope): Scope => {
  let known = scope
  for (const statement of list.commands) known = judgeStatement(statement, known)
  return known
}

const judgeStatement = (statement: Statement, scope: Scope): Scope => {
  if (statement.background !== true) return judgeAndOr(statement.command, scope)
  const range = scope.place(statement.pos, statement.end)
  report(scope, range, "unknown", "left running in the background, beyond the time limit and the end of the run")
  judgeAndOr(statement.command, scope)
  return forget(scope, boundNames(statement.command).keys())
}

const judgeAndOr = (node: Statement["command"], scope: Scope): Scope => {
  if (node.type !== "AndOr") return judgePipeline(node, scope)
  const [first, ...rest] = node.commands
  const after = first === undefined ? scope : judgePipeline(first, scope)
  const bound = rest.flatMap((command) => [...boundNames(command).keys()])
  let chained = after
  for (const [index, command] of rest.entries()) {
    // What follows `||` runs when something before it did not: nothing that the chain set is certain.
    if (node.operators[index] === "||") chained = forget(after, bound)
    chained = judgePipeline(command, chained)
  }
  return forget(after, bound)
}

const judgePipeline = (node: PipelineNode, scope: Scope): Scope => {
  if (node.type !== "Pipeline") return judgeCommand(node, scope)
  if (node.commands.length === 1 && node.commands[0] !== undefined) return judgeCommand(node.commands[0], scope)
  let input = scope.input
  for (const [index, command] of node.commands.entries()) {
    const isLast = index === node.commands.length - 1
    judgeCommand(command, { ...scope, input, isPiped: scope.isPiped || !isLast })
    if (node.commands.slice(index + 1).some(isNaming)) judgeNames(command, scope)
    input = outputOf(command, scope, input)
  }
  return forget(scope, boundNames(node).keys())
}

/** Does it take the text before it in the pipe for names? */
const isNaming = (command: CommandNode): boolean =>
  command.type === "Command" && /^(xargs|parallel)$/.test(command.name?.value ?? "")

const judgeCommand = (node: CommandNode, scope: Scope): Scope => {
  switch (node.type) {
    case "Command":
      return judgeSimpleCommand(node, scope)
    case "Redirected": {
      const input = node.redirects.reduce((known, redirect) => judgeRedirection(redirect, known), scope)
      const after = judgeCommand(node.command, input)
      return { ...after, input: scope.input, isPiped: scope.isPiped }
    }
    case "BraceGroup":
      return judgeList(node.body, scope)
    case "Subshell":
      judgeList(node.body, scope)
      return scope
    case "Function":
      report(scope, scope.place(node.pos, node.end), "unknown", "defines a function, which replaces a program")
      judgeCommandOrList(node.body, { ...scope, variables: new Map(), input: "data" })
      return { ...scope, variables: new Map() }
    case "Coproc":
      report(scope, scope.place(node.pos, node.end), "unknown", "a coprocess, left running in the background")
      judgeCommandOrList(node.body, { ...scope, input: "data" })
      return forget(scope, boundNames(node).keys())
    case "TestCommand":
      judgeConditional(node.expression, scope)
      return scope
    case "ArithmeticCommand":
      report(scope, scope.place(node.pos, node.end), "unknown", "((…)), which a POSIX shell would run as a command")
      if (node.expression !== undefined) judgeExpression(node.expression, scope)
      return forget(scope, boundNames(node).keys())
    default:
      return judgeBranches(node, scope)
  }
}

const judgeCommandOrList = (node: CommandNode | Of<"BraceGroup">["body"], scope: Scope): void => {
  if (node.type === "CompoundList") judgeList(node, scope)
  else judgeCommand(node, scope)
}

const judgeBranches = (node: Of<"If" | "While" | "For" | "Select" | "Case" | "ArithmeticFor">, scope: Scope): Scope => {
  const bound = boundNames(node)
  const after = forget(scope, bound.keys())
  switch (node.type) {
    case "If": {
      const decided = judgeList(node.clause, scope)
      judgeList(node.then, decided)
      for (const branch of node.elif) judgeList(branch.then, judgeList(branch.clause, after))
      if (node.else !== undefined) judgeList(node.else, after)
      return after
    }
    case "While":
      judgeList(node.body, judgeList(node.clause, keepCounters(scope, bound)))
      return keepCounters(scope, bound)
    case "Case":
      readSingle(node.word, scope)
      for (const item of node.items) {
        for (const pattern of item.pattern) readSingle(pattern, scope)
        judgeList(item.body, after)
      }
      return after
    case "ArithmeticFor":
      judgeCounting(node, after)
      return after
    case "Select":
      report(scope, scope.place(node.pos, node.end), "unknown", "asks a person to select, and nobody answers")
      judgeList(node.body, after)
      return after
    case "For":
      judgeLoop(node, scope, bound)
      return after
  }
}

const judgeCounting = (node: Of<"ArithmeticFor">, scope: Scope): void => {
  const name = counterOf(node)
  const counting = name === undefined ? scope : bind(scope, name, join([DIGITS], scope.place(node.pos, node.end)))
  for (const expression of [node.initialize, node.test, node.update]) {
    if (expression !== undefined) judgeExpression(expression, counting, name !== undefined)
  }
  judgeList(node.body, counting)
}

/** A variable that holds digits and is only ever given digits keeps holding them, whichever way a loop goes. */
const keepCounters = (scope: Scope, bound: ReadonlyMap<string, boolean>): Scope => {
  let known = forget(scope, bound.keys())
  for (const [name, isNumeric] of bound) {
    const value = scope.variables.get(name)
    const isCounter =
      value !== undefined && (value.literal === undefined ? value.isDigits : /^\d+$/.test(value.literal))
    if (isNumeric && isCounter) known = bind(known, name, join([DIGITS], value.range))
  }
  return known
}

const judgeLoop = (node: Of<"For">, scope: Scope, bound: ReadonlyMap<string, boolean>): void => {
  const inner = forget(scope, bound.keys())
  const values = node.wordlist?.flatMap((word) => readWord(word, scope))
  const name = node.name.value
  if (boundNames(node.body).has(name) || !/^[A-Za-z_]\w*$/.test(name) || isSensitiveName(name)) {
    if (isSensitiveName(name)) report(scope, scope.place(node.pos, node.end), "unknown", `sets ${name}`)
    judgeList(node.body, inner)
    return
  }
  const range = scope.place(node.name.pos, node.name.end)
  const repeats = scope.repeats * Math.max(1, values?.length ?? 1)
  if (values === undefined || repeats > REPEATS_MAX) {
    judgeList(node.body, bind(inner, name, join([UNKNOWN_TEXT], range)))
    return
  }
  for (const value of values) judgeList(node.body, bind({ ...inner, repeats }, name, oneWord(value)))
}

/** The value of a loop variable: one of the words that the list's word becomes. */
const oneWord = (value: Argument): Argument => {
  if (value.literal !== undefined) return literalArgument(value.literal, value.range)
  const piece = asPiece(value)
  return "text" in piece
    ? value
    : join([{ ...piece, spread: "one", ...(value.spread === "anything" ? UNKNOWN_TEXT : {}) }], value.range)
}
