// A plan as an approver reads it: complete, in printable ASCII, and different for different plans. Pure.
import type { PinnedTarget, Plan } from "@fluxcybers/executor"
import { escapeLegend } from "./escape-legend.ts"
import { formatBytes, formatDurationMs } from "./quantity.ts"
import { shellPart, shellWord, shellWords } from "./shell-word.ts"
import { labelled, type Row } from "./table.ts"
import { codePoint, faithful } from "./visible-text.ts"

/**
 * Everything that the plan's digest covers (but its nonce, which only makes the digest unique), then the advisory sentence, then
 * what the escapes mean. `columns` is the width of the terminal, where there is one.
 */
export const faithfulView = (plan: Plan, columns?: number): string => labelled(faithfulRows(plan), columns)

/** The same as rows, to be shown together with others. */
export const faithfulRows = (plan: Plan): ReadonlyArray<Row> => {
  const rows = planRows(plan)
  return [...rows, ["Escapes", escapeLegend(rows.map(([, value]) => value).join("\n"))]]
}

const planRows = (plan: Plan): ReadonlyArray<Row> => [
  ...plan.targets.flatMap(targetRows),
  ...(plan.targets.length === 0 ? [["Targets", "none: it runs on the FluxCybers server itself"] as const] : []),
  ...commandRows(plan.command),
  ["Folder", plan.cwd === undefined ? undefined : shellWord(plan.cwd)],
  ...environmentRows(plan),
  ...plan.secrets.map(
    (secret, index): Row => [
      index === 0 ? "May read" : "",
      `secret ${shellWord(secret.name)} version ${secret.version}`
    ]
  ),
  ["Stdin", plan.stdinDigest === undefined ? undefined : `bytes with SHA-256 ${faithful(plan.stdinDigest)}`],
  ["Limits", `${formatDurationMs(plan.timeoutMs)}, ${formatBytes(plan.outputBytesMax)} of output`],
  ["Executor", `${shellWord(plan.executor)} ${shellWord(plan.executorVersion)}`],
  ["Access", plan.access],
  ["In words", `${faithful(plan.sentence)}  (advice, not part of what is approved)`]
]

const targetRows = (target: PinnedTarget, index: number): ReadonlyArray<Row> => [
  [
    index === 0 ? "Targets" : "",
    `${shellWord(target.name)}  ${shellPart(target.account)}@${shellPart(target.host)}:${target.port}`
  ],
  ["", `  host key ${shellWord(target.hostKey)}`],
  ["", `  credential ${shellWord(target.credential)}  ${faithful(target.id)}`]
]

const commandRows = (command: Plan["command"]): ReadonlyArray<Row> =>
  command._tag === "Argv"
    ? [["Command", shellWords(command.argv)]]
    : [["Script", "/bin/sh reads these lines:"], ...scriptLines(command.script).map((line): Row => ["", line])]

/** Lines with their numbers; text without a newline at its end says so, outside of the numbered lines. */
const scriptLines = (script: string): ReadonlyArray<string> => {
  const lines = script.split("\n")
  const isClosed = lines.at(-1) === ""
  const numbered = isClosed ? lines.slice(0, -1) : lines
  const width = String(numbered.length).length
  const shown = numbered.map((line, index) =>
    `${String(index + 1).padStart(width)} | ${closingBlanks(faithful(line))}`.trimEnd()
  )
  return isClosed ? shown : [...shown, "(no newline at the end)"]
}

const closingBlanks = (line: string): string => line.replace(/ +$/, (blanks) => codePoint(" ").repeat(blanks.length))

const environmentRows = (plan: Plan): ReadonlyArray<Row> => {
  const plain = Object.entries(plan.env).map(([name, value]) => `${shellPart(name)}=${shellPart(value)}`)
  const secret = Object.entries(plan.secretEnv).map(
    ([name, secret]) => `${shellPart(name)} = secret ${shellWord(secret)}`
  )
  return [...plain.sort(), ...secret.sort()].map((line, index): Row => [index === 0 ? "Environment" : "", line])
}
