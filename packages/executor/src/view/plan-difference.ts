// What differs between two plans, for whoever approved the first and is asked about the second. The nonce and the advisory sentence
// are left out: the one always differs, the other decides nothing.
import type { Plan, PlanRunbook } from "../plan.ts"
import type { PlanChange } from "./faithful-view.ts"
import { lineDifference } from "./line-difference.ts"
import { isContentShown } from "./shown-content.ts"
import { showBytes, showText } from "./shown-text.ts"

/** A plan with the bytes for its standard input. */
export interface WholePlan {
  readonly plan: Plan
  readonly stdin: Uint8Array | undefined
}

/** Empty when the same would run. Pure. */
export const planChanges = (before: WholePlan, after: WholePlan): ReadonlyArray<PlanChange> => [
  ...lineChanges("script", scriptOf(before.plan), scriptOf(after.plan)),
  ...lineChanges("arguments", argumentsOf(before.plan), argumentsOf(after.plan)),
  ...lineChanges("stdin", stdinLines(before), stdinLines(after)),
  ...valueChanges(valuesOf(before.plan), valuesOf(after.plan))
]

const scriptOf = ({ command }: Plan) => (command._tag === "Script" ? command.script.split("\n") : [])
const argumentsOf = ({ command }: Plan) => (command._tag === "Argv" ? command.argv : [])

/** Bytes that are no UTF-8 have no text: their escapes are compared. */
const stdinLines = ({ plan, stdin }: WholePlan): ReadonlyArray<string> => {
  if (stdin === undefined || !isContentShown(plan.command, stdin)) return []
  const { lines, isClosed } = showBytes(stdin)
  const shown = lines.map((line) => line.map(({ text }) => text).join(""))
  return isClosed ? [...shown, ""] : shown
}

const lineChanges = (
  field: Extract<PlanChange, { _tag: "Lines" }>["field"],
  before: ReadonlyArray<string>,
  after: ReadonlyArray<string>
): ReadonlyArray<PlanChange> => {
  const steps = lineDifference(before, after)
  if (steps.every(({ _tag }) => _tag === "Same")) return []
  const changes = steps.map((step) => (step._tag === "Same" ? step : { _tag: step._tag, text: showText(step.line) }))
  return [{ _tag: "Lines", field, changes }]
}

const valueChanges = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>) =>
  [...new Set([...before.keys(), ...after.keys()])].flatMap((field): ReadonlyArray<PlanChange> => {
    const [was, is] = [before.get(field), after.get(field)]
    if (was === is) return []
    const change = { _tag: "Value" as const, field: showText(field) }
    return [
      {
        ...change,
        ...(was === undefined ? {} : { before: showText(was) }),
        ...(is === undefined ? {} : { after: showText(is) })
      }
    ]
  })

/** Every other field of a plan by its name. */
const valuesOf = (plan: Plan): ReadonlyMap<string, string> =>
  new Map<string, string>([
    ["executor", plan.executor],
    ["executorVersion", plan.executorVersion],
    ...commandValues(plan.command),
    ...(plan.stdinDigest === undefined ? [] : [["stdin", plan.stdinDigest] as const]),
    ...(plan.cwd === undefined ? [] : [["cwd", plan.cwd] as const]),
    ...Object.entries(plan.env).map(([name, value]) => [`env.${name}`, value] as const),
    ...Object.entries(plan.secretEnv).map(([name, secret]) => [`secretEnv.${name}`, secret] as const),
    ...plan.secrets.map(({ name, version }) => [`secret.${name}`, `version ${version}`] as const),
    ...(plan.hosts === undefined ? [] : [["hosts", plan.hosts.join(", ")] as const]),
    ...plan.targets.flatMap((target) =>
      [target, ...(target.jumps ?? [])].flatMap((host, index) =>
        TARGET_FIELDS.filter((field) => host[field] !== undefined).map(
          (field) => [`target.${target.id}.${jumpPart(index)}${field}`, String(host[field])] as const
        )
      )
    ),
    ...plan.targets.flatMap(({ id, selectedBy }) =>
      selectedBy === undefined ? [] : [[`target.${id}.selectedBy`, selectedBy] as const]
    ),
    ...(plan.runbook === undefined ? [] : runbookValues(plan.runbook)),
    ...Object.entries(plan.rollout ?? {}).map(([name, value]) => [`rollout.${name}`, String(value)] as const),
    ["timeoutMs", String(plan.timeoutMs)],
    ["outputBytesMax", String(plan.outputBytesMax)],
    ...Object.entries(plan.recoverable ?? {}).map(([name, value]) => [`recoverable.${name}`, String(value)] as const),
    ["access", plan.access]
  ])

const runbookValues = ({ id, name, version, parameters }: PlanRunbook): ReadonlyArray<readonly [string, string]> => [
  ["runbook", `${name} (${id}) version ${version}`],
  ...Object.entries(parameters).map(([parameter, value]) => [`runbook.parameter.${parameter}`, value] as const)
]

const KINDS = { Argv: "arguments", Script: "script", Upload: "upload", Download: "download" } as const

const commandValues = (command: Plan["command"]): ReadonlyArray<readonly [string, string]> => [
  ["command", KINDS[command._tag]],
  ...("path" in command ? [["path", command.path] as const] : []),
  ...("fill" in command
    ? Object.entries(command.fill ?? {}).map(([placeholder, secret]) => [`fill.${placeholder}`, secret] as const)
    : []),
  ...("mode" in command ? [["mode", command.mode] as const] : []),
  ...("bytesMax" in command ? [["bytesMax", String(command.bytesMax)] as const] : [])
]

const jumpPart = (index: number): string => (index === 0 ? "" : `jump-${index}.`)

const TARGET_FIELDS = ["name", "host", "port", "account", "hostKey", "revokedKeys", "credential", "passphrase"] as const
