// One simple command: its environment, its redirections, its words, and then the program's model.
import type { Argument } from "./argument.ts"
import { judgeAssignment, judgeEnvironment, readAssignmentWord } from "./assignment.ts"
import { boundNames } from "./bound-names.ts"
import { judgeProgram } from "./program.ts"
import { judgeRedirection } from "./redirection.ts"
import { forget, report, type Scope } from "./scope.ts"
import type { CommandSyntax } from "./syntax.ts"
import { readWord } from "./word.ts"

export const judgeSimpleCommand = (node: CommandSyntax, scope: Scope): Scope => {
  const assignments = node.prefix.filter((child) => child.type === "Assignment")
  const redirected = node.redirects.reduce((known, redirect) => judgeRedirection(redirect, known), scope)
  if (node.name === undefined) {
    if (assignments.length === 0)
      report(scope, scope.place(node.pos, node.end), "read", "no command, only redirections")
    return assignments.reduce((known, assignment) => judgeAssignment(assignment, known), scope)
  }
  const words = [...readWord(node.name, scope), ...node.args.flatMap((arg) => readArgument(arg, scope))]
  const program = words[0]?.literal
  for (const assignment of assignments) judgeEnvironment(assignment, program, scope)
  judgeProgram(words, scope.place(node.pos, node.end), redirected)
  return forget(scope, boundNames(node).keys())
}

/** `export A=1` and the like hold assignments among their words; they are judged by the builtin's model as text. */
const readArgument = (argument: CommandSyntax["args"][number], scope: Scope): ReadonlyArray<Argument> => {
  if (argument.type === "Word") return readWord(argument, scope)
  return [readAssignmentWord(argument, scope)]
}
