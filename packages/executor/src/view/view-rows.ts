// A faithful view as text, the same for terminals, mail and MCP. Everything that the view says of the plan is in it, but offsets of
// judged pieces, which become line and column. Pure, and needs nothing but the data.
import { escapeLegend } from "./escape-legend.ts"
import type { FaithfulView } from "./faithful-view.ts"
import { formatBytes, formatDurationMs } from "./quantity.ts"
import { headed, joined, labelled, type Row } from "./rows.ts"
import { shownPart, shownWord } from "./shell-word.ts"
import type { ShownLines } from "./shown-text.ts"
import { differenceRows } from "./view-difference-rows.ts"
import { partRows } from "./view-part-rows.ts"

/** The view as text, in lines of at most `columns` where that is told: a terminal must not wrap them by itself. */
export const viewText = (view: FaithfulView, columns?: number): string => labelled(viewRows(view), columns)

/** The same as rows, to be shown together with others. */
export const viewRows = (view: FaithfulView): ReadonlyArray<Row> => {
  const rows = planRows(view)
  return [...deceptionRows(view), ...rows, ["Escapes", escapeLegend(rows.map(([, value]) => value).join("\n"))]]
}

const planRows = (view: FaithfulView): ReadonlyArray<Row> => [
  ...rolloutRows(view),
  ...view.targets.flatMap(targetRows),
  ...(view.targets.length === 0 ? [["Targets", "none: it runs on the FluxCybers server itself"] as const] : []),
  ...commandRows(view.command),
  ["Folder", view.cwd && shownWord(joined(view.cwd))],
  ...headed("Environment", view.environment.map(variableText)),
  ...headed("May read", view.secrets.map(secretText)),
  ...headed(
    "Connects to",
    (view.hosts ?? []).map((host) => shownWord(joined(host)))
  ),
  ...stdinRows(view),
  ...runbookRows(view),
  ["Limits", `${formatDurationMs(view.timeoutMs)}, ${formatBytes(view.outputBytesMax)} of output`],
  ["Recovery", view.recoverable && recoveryText(view.recoverable)],
  ["Executor", `${shownWord(joined(view.executor))} ${shownWord(joined(view.executorVersion))}`],
  ["Access", `${view.access}: ${joined(view.why)}`],
  ...partRows(view),
  ...differenceRows(view.difference),
  ["In words", `${joined(view.sentence)}  (advice, not part of what is approved)`],
  ["Nonce", view.nonce],
  ["Digest", view.digest]
]

/** Parameters stand as words, so that none can pass for another row. */
const runbookRows = ({ runbook }: FaithfulView): ReadonlyArray<Row> =>
  runbook === undefined
    ? []
    : headed("Runbook", [
        `${shownWord(joined(runbook.name))} version ${runbook.version}  ${runbook.id}`,
        ...runbook.parameters.map(({ name, value }) => `${shownWord(joined(name))} ${shownWord(joined(value))}`)
      ])

type ShownTarget = FaithfulView["targets"][number]

/** A target, and below it the hosts on the way there, the first one first. */
const targetRows = (target: ShownTarget, index: number): ReadonlyArray<Row> => {
  const { selectedBy, jumps = [] } = target
  const found = selectedBy === undefined ? "" : `  selected by ${shownWord(joined(selectedBy))}`
  const lines = [...hostLines(target, found), ...jumps.flatMap((jump) => jumpLines(jump))]
  return lines.map((line, at): Row => [index === 0 && at === 0 ? "Targets" : "", line])
}

const hostLines = (host: Omit<ShownTarget, "jumps">, found = ""): ReadonlyArray<string> => {
  const address = `${shownPart(joined(host.account))}@${shownPart(joined(host.host))}:${host.port}`
  return [
    `${shownWord(joined(host.name))}  ${address}`,
    `  host key ${shownWord(joined(host.hostKey))}`,
    ...(host.revokedKeys ?? []).map((key) => `  never the key ${shownWord(joined(key))}`),
    ...(host.passphrase === undefined ? [] : [`  passphrase ${shownWord(joined(host.passphrase))}`]),
    `  credential ${shownWord(joined(host.credential))}  ${host.id}${found}`
  ]
}

const jumpLines = (host: Omit<ShownTarget, "jumps">): ReadonlyArray<string> => {
  const [first, ...rest] = hostLines(host)
  return [`  through ${first}`, ...rest.map((line) => `  ${line}`)]
}

/** How many targets, and in which order and how far it goes over them. */
const rolloutRows = ({ targets, rollout = {} }: FaithfulView): ReadonlyArray<Row> => {
  const { concurrency, canary, batch, stopAfter } = rollout
  if (targets.length < 2 && Object.keys(rollout).length === 0) return []
  const settings = [
    `${targets.length} targets`,
    concurrency === undefined ? undefined : `at most ${concurrency} at once`,
    canary === undefined ? undefined : `the first ${canary} as canary`,
    batch === undefined ? undefined : `batches of ${batch}`,
    stopAfter === undefined ? undefined : `stops after ${stopAfter} without success`
  ]
  return [["Rollout", settings.filter((setting) => setting !== undefined).join(", ")]]
}

const commandRows = (command: FaithfulView["command"]): ReadonlyArray<Row> => {
  switch (command._tag) {
    case "Argv":
      return [["Command", command.words.map((word) => shownWord(joined(word))).join(" ")]]
    case "Script":
      return [["Script", "/bin/sh reads these lines:"], ...numbered(command.script)]
    case "Upload":
      return [
        ["Upload", `to ${shownWord(joined(command.path))}  mode ${command.mode}  ${command.bytes} bytes`],
        ...headed(
          "Fills in",
          (command.fill ?? []).map(
            ({ placeholder, secret }) => `secret ${shownWord(joined(secret))} for ${shownWord(joined(placeholder))}`
          )
        )
      ]
    case "Download":
      return [["Download", `from ${shownWord(joined(command.path))}  at most ${command.bytesMax} bytes`]]
  }
}

/** Lines with their numbers; text without a newline at its end says so, outside of the numbered lines. */
const numbered = ({ lines, isClosed }: ShownLines): ReadonlyArray<Row> => {
  const width = String(lines.length).length
  const shown = lines.map(
    (line, index): Row => ["", `${String(index + 1).padStart(width)} | ${joined(line)}`.trimEnd()]
  )
  return isClosed ? shown : [...shown, ["", "(no newline at the end)"]]
}

const variableText = ({ name, value }: FaithfulView["environment"][number]): string =>
  value._tag === "Plain"
    ? `${shownPart(joined(name))}=${shownPart(joined(value.text))}`
    : `${shownPart(joined(name))} = secret ${shownWord(joined(value.name))}`

const secretText = ({ name, version, uses }: FaithfulView["secrets"][number]): string =>
  `secret ${shownWord(joined(name))} version ${version}  (${uses.map(useText).join(", ")})`

const useText = (use: FaithfulView["secrets"][number]["uses"][number]): string => {
  if (use._tag === "Executor") return "the executor reads it"
  if (use._tag === "File") return `in the file for ${shownWord(joined(use.placeholder))}`
  if (use._tag === "Passphrase") return `opens the key for ${shownWord(joined(use.target))}`
  return use._tag === "Variable"
    ? `in the variable ${shownWord(joined(use.name))}`
    : `signs in to ${shownWord(joined(use.target))}`
}

const recoveryText = ({ askMs, keepMs }: NonNullable<FaithfulView["recoverable"]>): string =>
  `goes on without the connection; asked for ${formatDurationMs(askMs)}, result kept there for ${formatDurationMs(keepMs)}`

const stdinRows = ({ command, stdin }: FaithfulView): ReadonlyArray<Row> => {
  if (stdin === undefined) return []
  const label = command._tag === "Upload" ? "Content" : "Stdin"
  const named = `${stdin.bytes} bytes with SHA-256 ${stdin.digest}`
  return stdin.content === undefined
    ? [[label, `${named}, not shown: it is no text, or has more than 256 KiB`]]
    : [[label, `${named}:`], ...numbered(stdin.content)]
}

const deceptionRows = ({ deceptions }: FaithfulView): ReadonlyArray<Row> =>
  headed(
    "Beware",
    deceptions.map(({ kind, count, where }) => `${KINDS[kind]}: ${count}, the first in ${joined(where)}`)
  )

const KINDS: Readonly<Record<FaithfulView["deceptions"][number]["kind"], string>> = {
  bidi: "characters that reorder what is read",
  invisible: "invisible characters",
  control: "control characters",
  "look-alike": "letters that look like others",
  letter: "letters beyond ASCII",
  other: "characters beyond ASCII",
  blank: "blanks that are no spaces",
  "invalid-utf8": "bytes that are no text",
  "trailing-blank": "spaces at the end of a line",
  literal: "text that looks like an escape",
  "mixed-scripts": "words that mix alphabets",
  "long-line": "lines of more than 500 characters"
}
