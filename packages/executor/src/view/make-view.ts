// From a plan to its faithful view. Pure.
import { type Classification, classify, classifyArgv } from "../classify/index.ts"
import { type CommandAccess, commandAccess } from "../command-access.ts"
import { planDigest } from "../digest.ts"
import { fileAccess } from "../file-input.ts"
import type { Fill } from "../fill.ts"
import { bytesDigest } from "../pin.ts"
import type { PinnedJump, PinnedTarget, Plan, PlanRunbook } from "../plan.ts"
import { deceptionsIn, legendOf, type Place } from "./deceptions.ts"
import type { FaithfulView, PlanDifference } from "./faithful-view.ts"
import type { WholePlan } from "./plan-difference.ts"
import { isContentShown } from "./shown-content.ts"
import { type ShownText, showBytes, showLines, showText } from "./shown-text.ts"

/** Executors whose plans are command lines for a POSIX system; what others make of their arguments only they know. */
const COMMAND_LINE_EXECUTORS: ReadonlyArray<string> = ["local", "ssh"]

/** The standard input is not the one that the plan names: nothing could be shown that is what would run. */
export class WrongStdin extends Error {}

/** The view of a plan with the bytes for its standard input. Throws `WrongStdin` when those are others than the plan's. */
export const makeView = (whole: WholePlan, difference: PlanDifference = { _tag: "First" }): FaithfulView => {
  const { plan, stdin } = whole
  if ((stdin && bytesDigest(stdin)) !== plan.stdinDigest) throw new WrongStdin("standard input is not the plan's")
  const shown = {
    v: 1 as const,
    digest: planDigest(plan),
    nonce: plan.nonce,
    executor: showText(plan.executor),
    executorVersion: showText(plan.executorVersion),
    targets: plan.targets.map(showTarget),
    ...(plan.rollout === undefined ? {} : { rollout: plan.rollout }),
    command: showCommand(plan.command),
    commandBytes: commandBytes(plan.command),
    ...judgement(whole),
    access: plan.access,
    ...(plan.cwd === undefined ? {} : { cwd: showText(plan.cwd) }),
    environment: environment(plan),
    secrets: plan.secrets.map((secret) => ({
      ...secret,
      name: showText(secret.name),
      uses: usesOf(plan, secret.name)
    })),
    ...(plan.hosts === undefined ? {} : { hosts: plan.hosts.map(showText) }),
    ...(stdin === undefined
      ? {}
      : {
          stdin: {
            digest: bytesDigest(stdin),
            bytes: stdin.length,
            ...(isContentShown(plan.command, stdin) ? { content: showBytes(stdin) } : {})
          }
        }),
    ...(plan.runbook === undefined ? {} : { runbook: showRunbook(plan.runbook) }),
    timeoutMs: plan.timeoutMs,
    outputBytesMax: plan.outputBytesMax,
    ...(plan.recoverable === undefined ? {} : { recoverable: plan.recoverable }),
    sentence: showText(plan.sentence)
  }
  const places = placesOf(shown)
  return { ...shown, deceptions: deceptionsIn(places), legend: legendOf(places), difference }
}

const showTarget = (target: PinnedTarget): FaithfulView["targets"][number] => ({
  ...showHost(target),
  ...(target.jumps === undefined ? {} : { jumps: target.jumps.map(showHost) }),
  ...(target.selectedBy === undefined ? {} : { selectedBy: showText(target.selectedBy) })
})

const showHost = (target: PinnedJump) => ({
  id: target.id,
  name: showText(target.name),
  host: showText(target.host),
  port: target.port,
  account: showText(target.account),
  hostKey: showText(target.hostKey),
  ...(target.revokedKeys === undefined ? {} : { revokedKeys: target.revokedKeys.map(showText) }),
  credential: showText(target.credential),
  ...(target.passphrase === undefined ? {} : { passphrase: showText(target.passphrase) })
})

const showRunbook = ({ id, name, version, parameters }: PlanRunbook) => ({
  id,
  name: showText(name),
  version,
  parameters: inOrder(parameters).map(([parameter, value]) => ({ name: showText(parameter), value: showText(value) }))
})

const showCommand = (command: Plan["command"]): FaithfulView["command"] => {
  switch (command._tag) {
    case "Argv":
      return { _tag: "Argv", words: command.argv.map(showText) }
    case "Script":
      return { _tag: "Script", script: showLines(command.script) }
    case "Upload": {
      const { fill, path, ...file } = command
      return { ...file, path: showText(path), ...(fill === undefined ? {} : { fill: showFill(fill) }) }
    }
    default:
      return { ...command, path: showText(command.path) }
  }
}

const showFill = (fill: Fill) =>
  inOrder(fill).map(([placeholder, secret]) => ({ placeholder: showText(placeholder), secret: showText(secret) }))

const commandBytes = (command: Plan["command"]): number => {
  if (command._tag === "Argv") return Buffer.byteLength(command.argv.join(""))
  return Buffer.byteLength(command._tag === "Script" ? command.script : command.path)
}

/** Made anew for every view, so that it is today's classifier that speaks; the class that was approved is the plan's own. */
const judgement = ({ plan, stdin }: WholePlan): Pick<FaithfulView, "parts" | "why"> => {
  if (!COMMAND_LINE_EXECUTORS.includes(plan.executor)) return { parts: [], why: showText("the executor says so") }
  const { command, env, secretEnv, cwd } = plan
  if (command._tag === "Upload" || command._tag === "Download")
    return { parts: [], why: showText(today(plan, fileAccess(command))) }
  const input = command._tag === "Argv" ? { argv: command.argv } : { script: command.script }
  const settings = {
    env,
    secretEnv,
    ...(cwd === undefined ? {} : { cwd }),
    ...(stdin === undefined ? {} : { stdin: "" })
  }
  return { parts: nested(classified(command)), why: showText(today(plan, commandAccess({ ...input, ...settings }))) }
}

const today = (plan: Plan, { access, why }: CommandAccess): string =>
  access === plan.access ? why : `the plan says so; judged today it is ${access}: ${why}`

const classified = (command: Extract<Plan["command"], { readonly _tag: "Argv" | "Script" }>): Classification["parts"] =>
  (command._tag === "Argv" ? classifyArgv(command.argv) : classify(command.script)).parts

/** The parts come outer before inner: how many of those before it a part lies in is its depth. */
const nested = (parts: Classification["parts"]): FaithfulView["parts"] => {
  const open: Array<number> = []
  return parts.map(({ range: [start, end], class: access, why }) => {
    while (open.length > 0 && (open.at(-1)! <= start || open.at(-1)! < end)) open.pop()
    const depth = open.length
    open.push(end)
    return { range: [start, end], class: access, why: showText(why), depth }
  })
}

const environment = ({ env, secretEnv }: Plan): FaithfulView["environment"] => [
  ...inOrder(env).map(([name, value]) => ({
    name: showText(name),
    value: { _tag: "Plain" as const, text: showText(value) }
  })),
  ...inOrder(secretEnv).map(([name, secret]) => ({
    name: showText(name),
    value: { _tag: "Secret" as const, name: showText(secret) }
  }))
]

const inOrder = (record: Readonly<Record<string, string>>) =>
  Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))

const fillOf = ({ command }: Plan): Fill => (command._tag === "Upload" ? (command.fill ?? {}) : {})

const usesOf = (plan: Plan, secret: string): FaithfulView["secrets"][number]["uses"] => {
  const variables = inOrder(plan.secretEnv).filter(([, name]) => name === secret)
  const placeholders = inOrder(fillOf(plan)).filter(([, name]) => name === secret)
  const hosts = plan.targets
    .flatMap(({ jumps = [], ...target }): ReadonlyArray<PinnedJump> => [...jumps, target])
    .filter(({ id }, index, all) => all.findIndex((one) => one.id === id) === index)
  const use = (field: "credential" | "passphrase", _tag: "SignIn" | "Passphrase") =>
    hosts.filter((host) => host[field] === secret).map(({ name }) => ({ _tag, target: showText(name) }))
  const uses = [
    ...use("credential", "SignIn"),
    ...use("passphrase", "Passphrase"),
    ...variables.map(([name]) => ({ _tag: "Variable" as const, name: showText(name) })),
    ...placeholders.map(([placeholder]) => ({ _tag: "File" as const, placeholder: showText(placeholder) }))
  ]
  return uses.length === 0 ? [{ _tag: "Executor" }] : uses
}

const placesOf = (view: Omit<FaithfulView, "deceptions" | "legend" | "difference">): ReadonlyArray<Place> => [
  ...commandPlaces(view.command),
  ...(view.stdin?.content?.lines.map((text, index): Place => [`standard input, line ${index + 1}`, text]) ?? []),
  ...view.targets.flatMap((target, index) =>
    [target, ...(target.jumps ?? [])].flatMap((host) =>
      textsOf(host).map((text): Place => [`target ${index + 1}`, text])
    )
  ),
  ...view.targets.flatMap(
    ({ selectedBy }, index): ReadonlyArray<Place> =>
      selectedBy === undefined ? [] : [[`target ${index + 1}`, selectedBy]]
  ),
  ...(view.cwd === undefined ? [] : [["folder", view.cwd] as const]),
  ...view.environment.flatMap(({ name, value }, index) =>
    [name, value._tag === "Plain" ? value.text : value.name].map((text): Place => [`variable ${index + 1}`, text])
  ),
  ...view.secrets.map(({ name }, index): Place => [`secret ${index + 1}`, name]),
  ...(view.hosts ?? []).map((text, index): Place => [`host ${index + 1}`, text]),
  ...(view.runbook === undefined ? [] : [["runbook", view.runbook.name] as const]),
  ...(view.runbook?.parameters ?? []).flatMap(({ name, value }, index) =>
    [name, value].map((text): Place => [`parameter ${index + 1}`, text])
  ),
  ["executor", view.executor],
  ["executor", view.executorVersion],
  ["sentence", view.sentence]
]

const commandPlaces = (command: FaithfulView["command"]): ReadonlyArray<Place> => {
  switch (command._tag) {
    case "Argv":
      return command.words.map((text, index): Place => [`command, word ${index + 1}`, text])
    case "Script":
      return command.script.lines.map((text, index): Place => [`script, line ${index + 1}`, text])
    case "Upload":
      return [
        ["path", command.path],
        ...(command.fill ?? []).flatMap(
          ({ placeholder, secret }, index): ReadonlyArray<Place> => [
            [`placeholder ${index + 1}`, placeholder],
            [`placeholder ${index + 1}`, secret]
          ]
        )
      ]
    default:
      return [["path", command.path]]
  }
}

const textsOf = (host: Omit<FaithfulView["targets"][number], "jumps">): ReadonlyArray<ShownText> => [
  host.name,
  host.host,
  host.account,
  host.hostKey,
  ...(host.revokedKeys ?? []),
  host.credential,
  ...(host.passphrase === undefined ? [] : [host.passphrase])
]
