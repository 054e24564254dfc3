// Redirections: where output goes, where input comes from, and the network that bash hides behind file names.
import type { Argument } from "./argument.ts"
import { type Input, report, type Scope } from "./scope.ts"
import { contentOf } from "./secret-material.ts"
import type { Redirection } from "./syntax.ts"
import { readQuoted, readSingle } from "./word.ts"

const SINKS = /^\/dev\/(null|stdout|stderr)$/

/** Shells differ on delimiters that hold quotes in the middle, dollar signs or backquotes. */
const PLAIN_DELIMITER = /^(['"]?)[\w.!@%+,:-]+\1$|^\\\w+$/

/** Judges one redirection; the scope that comes back knows what feeds standard input. */
export const judgeRedirection = (redirection: Redirection, scope: Scope): Scope => {
  const range = scope.place(redirection.pos, redirection.end)
  if (redirection.descriptor?.type === "FileDescriptorVariable") {
    report(scope, range, "unknown", "a redirection that sets a variable")
  }
  switch (redirection.operator) {
    case "<<":
    case "<<-":
      if (!PLAIN_DELIMITER.test(redirection.delimiter?.text ?? "") || redirection.closing === undefined) {
        report(scope, range, "unknown", "a here-document whose end shells may see elsewhere")
      }
      readQuoted(redirection.body.parts ?? [], scope)
      return fed(scope, redirection.body.parts?.some((part) => part.type !== "Literal") ? "data" : "literal")
    case "<<<": {
      const text = redirection.target === undefined ? undefined : readSingle(redirection.target, scope)
      return fed(scope, text?.literal === undefined ? "data" : "literal")
    }
    default: {
      if (redirection.target === undefined) {
        report(scope, range, "unknown", "a redirection without a target")
        return scope
      }
      const target = readSingle(redirection.target, scope)
      return redirection.operator.startsWith("<") && redirection.operator !== "<>"
        ? judgeInput(target, redirection.operator, range, scope)
        : judgeOutput(target, redirection.operator, range, scope)
    }
  }
}

const judgeOutput = (target: Argument, operator: string, range: Argument["range"], scope: Scope): Scope => {
  if (operator === ">&" && /^(\d+|-)$/.test(target.literal ?? "")) return scope
  if (isNetwork(target)) report(scope, range, "exfiltrate", "opens a network connection")
  else if (SINKS.test(target.literal ?? "") && operator !== "<>") return scope
  else if (/^\/dev\/(?!shm\/)/.test(target.prefix))
    report(scope, range, "destroy", `writes to the device ${target.pattern}`)
  else if (target.literal === undefined) report(scope, range, "write", "writes to a file whose name is not known")
  else report(scope, range, "write", `writes to ${target.literal}`)
  return scope
}

const judgeInput = (target: Argument, operator: string, range: Argument["range"], scope: Scope): Scope => {
  if (operator === "<&") {
    if (!/^(\d+|-)$/.test(target.literal ?? "")) report(scope, range, "unknown", "a descriptor that is not known")
    return target.literal === "-" ? fed(scope, "literal") : fed(scope, "data")
  }
  const content = contentOf(target)
  if (isNetwork(target)) report(scope, range, "exfiltrate", "opens a network connection")
  else if (content !== undefined) report(scope, range, content.class, content.why)
  return fed(scope, target.literal === "/dev/null" ? "literal" : "data")
}

const fed = (scope: Scope, input: Input): Scope => ({ ...scope, input })

// A target that is not known from its start may turn out to be one of bash's network names.
const isNetwork = (target: Argument): boolean =>
  /\/dev\/(tcp|udp)/.test(target.pattern) ||
  (target.literal === undefined && "/dev/tcp/".startsWith(target.prefix) && target.prefix.length > 3)
