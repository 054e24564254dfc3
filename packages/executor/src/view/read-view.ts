// From a faithful view back to the plan that it shows, so that whoever decides can prove to themselves that they saw all of it.
import { createHash } from "node:crypto"
import { planDigest } from "../digest.ts"
import type { PinnedJump, Plan, PlanRunbook } from "../plan.ts"
import type { FaithfulView } from "./faithful-view.ts"
import { NotFaithful, readBytes, readLines, readText } from "./read-shown.ts"

/** The plan that the view shows, made of nothing else than what is shown. Throws `NotFaithful`. */
export const readView = (view: FaithfulView): Plan => ({
  v: 1,
  nonce: view.nonce,
  executor: readText(view.executor),
  executorVersion: readText(view.executorVersion),
  targets: view.targets.map(({ jumps, selectedBy, ...target }) => ({
    ...readHost(target),
    ...(jumps === undefined ? {} : { jumps: jumps.map(readHost) }),
    ...(selectedBy === undefined ? {} : { selectedBy: readText(selectedBy) })
  })),
  ...(view.rollout === undefined ? {} : { rollout: view.rollout }),
  command: readCommand(view.command),
  ...(view.stdin === undefined ? {} : { stdinDigest: stdinDigest(view.command, view.stdin) }),
  ...(view.cwd === undefined ? {} : { cwd: readText(view.cwd) }),
  env: variables(view, ({ value }) => (value._tag === "Plain" ? value.text : undefined)),
  secretEnv: variables(view, ({ value }) => (value._tag === "Secret" ? value.name : undefined)),
  secrets: view.secrets.map(({ name, version }) => ({ name: readText(name), version })),
  ...(view.hosts === undefined ? {} : { hosts: view.hosts.map(readText) }),
  ...(view.runbook === undefined ? {} : { runbook: readRunbook(view.runbook) }),
  timeoutMs: view.timeoutMs,
  outputBytesMax: view.outputBytesMax,
  ...(view.recoverable === undefined ? {} : { recoverable: view.recoverable }),
  access: view.access,
  sentence: readText(view.sentence)
})

/** The digest of what is shown. Throws `NotFaithful`. */
export const viewDigest = (view: FaithfulView): string => planDigest(readView(view))

/** Only a file that is put on a target may be shown by its digest alone. */
const stdinDigest = (command: FaithfulView["command"], stdin: NonNullable<FaithfulView["stdin"]>): string => {
  if (stdin.content !== undefined) return sha256(readBytes(stdin.content))
  if (command._tag !== "Upload") throw new NotFaithful({ detail: "standard input that is not shown" })
  return stdin.digest
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

const readHost = (host: Omit<FaithfulView["targets"][number], "jumps" | "selectedBy">): PinnedJump => ({
  id: host.id,
  name: readText(host.name),
  host: readText(host.host),
  port: host.port,
  account: readText(host.account),
  hostKey: readText(host.hostKey),
  ...(host.revokedKeys === undefined ? {} : { revokedKeys: host.revokedKeys.map(readText) }),
  credential: readText(host.credential),
  ...(host.passphrase === undefined ? {} : { passphrase: readText(host.passphrase) })
})

const readRunbook = (shown: NonNullable<FaithfulView["runbook"]>): PlanRunbook => ({
  id: shown.id,
  name: readText(shown.name),
  version: shown.version,
  parameters: Object.fromEntries(shown.parameters.map(({ name, value }) => [readText(name), readText(value)]))
})

const readCommand = (command: FaithfulView["command"]): Plan["command"] => {
  if (command._tag === "Script") return { _tag: "Script", script: readLines(command.script) }
  if (command._tag === "Download") return { ...command, path: readText(command.path) }
  if (command._tag === "Upload") return readUpload(command)
  const [program, ...rest] = command.words.map(readText)
  if (program === undefined) throw new NotFaithful({ detail: "a command without a word" })
  return { _tag: "Argv", argv: [program, ...rest] }
}

const readUpload = ({
  fill,
  path,
  ...file
}: Extract<FaithfulView["command"], { readonly _tag: "Upload" }>): Plan["command"] => ({
  ...file,
  path: readText(path),
  ...(fill === undefined
    ? {}
    : { fill: Object.fromEntries(fill.map((one) => [readText(one.placeholder), readText(one.secret)])) })
})

type Variable = FaithfulView["environment"][number]

const variables = (view: FaithfulView, shownAs: (variable: Variable) => FaithfulView["executor"] | undefined) =>
  Object.fromEntries(
    view.environment.flatMap((variable) => {
      const value = shownAs(variable)
      return value === undefined ? [] : [[readText(variable.name), readText(value)] as const]
    })
  )
