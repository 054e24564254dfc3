// What one command of a pipe hands to the next.
import type { Argument } from "./argument.ts"
import { type Input, report, type Scope } from "./scope.ts"
import { contentOf } from "./secret-material.ts"
import type { CommandNode } from "./syntax.ts"
import { readWord } from "./word.ts"

/** Programs that turn text into other text and read no file when they have no operand. */
const FILTERS = /^(base64|base32|basenc|xxd|rev|gunzip|zcat|cat|head|tail|sort)$/

/** Does a command feed the next one with text written in the line, or with data? */
export const outputOf = (command: CommandNode, scope: Scope, input: Input): Input => {
  if (command.type !== "Command") return "data"
  const name = command.name?.value ?? ""
  if (/^(true|:|sleep)$/.test(name) && input !== "data") return "literal"
  const words = wordsOf(command, scope)
  if (/^(echo|printf)$/.test(name)) return words.every((word) => word.literal !== undefined) ? "literal" : "data"
  const isFilter = name === "tr" || (FILTERS.test(name) && words.every((word) => word.literal?.startsWith("-")))
  return isFilter && input === "literal" ? "literal" : "data"
}

/** The next command shows what these words name: a secret among them will be shown. */
export const judgeNames = (command: CommandNode, scope: Scope): void => {
  if (command.type !== "Command") return
  for (const word of wordsOf(command, scope)) {
    const verdict = contentOf(word)
    if (verdict !== undefined) report(scope, verdict.range ?? word.range, verdict.class, verdict.why)
  }
}

/** Judged once more for its words only: a scope of its own keeps the parts from appearing twice. */
const wordsOf = (
  command: Extract<CommandNode, { readonly type: "Command" }>,
  scope: Scope
): ReadonlyArray<Argument> => {
  const probe: Scope = { ...scope, parts: [], inside: { script: ignore, code: ignore, command: ignore } }
  return command.args.flatMap((arg) => (arg.type === "Word" ? readWord(arg, probe) : []))
}

const ignore = (): void => {}
