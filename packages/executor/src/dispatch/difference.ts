// Is what was approved still what would run? Everything is looked at again right before it starts; the first difference is named.
import { Effect } from "effect"
import { planDigest } from "../digest.ts"
import type { Executor } from "../executor.ts"
import { bytesDigest } from "../pin.ts"
import type { PinnedJump, PinnedTarget, Plan } from "../plan.ts"
import { SecretSource } from "../ports.ts"
import { Executors } from "../registry.ts"
import { tagsOf } from "../selectors.ts"
import { type Header, openPlan, openStdin } from "../store/execution-reads.ts"
import { type Target, Targets } from "../targets.ts"

/** One thing that is no longer as it was approved. */
export interface Difference {
  /** For the audit log: `plan`, `executor`, `secret`, or `target.<field>`. */
  readonly what: string
  /** For a person: what it is now, and what was approved. */
  readonly detail: string
}

/** A plan that was read again, with what it needs. */
export interface Approved {
  readonly plan: Plan
  readonly stdin: Uint8Array | undefined
  readonly executor: Executor
}

/** Opens the stored plan and compares it with the digest that was granted, and the executor with the one that made the plan. */
export const approvedPlan = Effect.fnUntraced(function* (header: Header) {
  const opened = yield* Effect.option(Effect.all({ plan: openPlan(header), stdin: openStdin(header) }))
  if (opened._tag === "None") return differs("plan", "The stored plan did not open: it was altered, or its key is gone")
  const { plan, stdin } = opened.value
  const digest = planDigest(plan)
  if (digest !== header.digest) {
    return differs("plan", `The stored plan has the digest ${digest}, approved was ${header.digest}`)
  }
  const stdinDigest = stdin === undefined ? undefined : bytesDigest(stdin)
  if (stdinDigest !== plan.stdinDigest) return differs("plan", "Standard input is no longer the one that was approved")
  const executor = (yield* Executors).find(plan.executor)
  if (executor === undefined) return differs("executor", `The executor "${plan.executor}" is no longer there`)
  if (executor.version !== plan.executorVersion) {
    return differs(
      "executor",
      `The executor "${plan.executor}" now has version ${executor.version}, approved was ${plan.executorVersion}`
    )
  }
  return { plan, stdin, executor } satisfies Approved
})

/** Compares each pinned target with what it is now: those that differ, by their ids, with the first difference of each. */
export const targetDifferences = Effect.fnUntraced(function* (header: Header, pinned: ReadonlyArray<PinnedTarget>) {
  const targets = yield* Targets
  const ids = pinned.map(({ id }) => id)
  const found = yield* targets.current(header.organisation, ids)
  const now = yield* pinnedNow(header, found)
  return new Map(
    pinned.flatMap((target) => {
      const difference = differenceTo(target, found.get(target.id), now.get(target.id))
      return difference === undefined ? [] : [[target.id as string, difference] as const]
    })
  )
})

/** All at once; only where one of the ways leads nowhere, each by itself, so that the others are not told the same. */
const pinnedNow = Effect.fnUntraced(function* (header: Header, found: ReadonlyMap<string, Target>) {
  const { pin } = yield* Targets
  const all = yield* Effect.result(pin(header.organisation, [...found.values()]))
  if (all._tag === "Success") return new Map<string, PinnedTarget | string>(all.success.map((each) => [each.id, each]))
  const each = yield* Effect.forEach(found.values(), (target) =>
    pin(header.organisation, [target]).pipe(
      Effect.map(([now]): readonly [string, PinnedTarget | string] => [target.id, now!]),
      Effect.catchTag("TargetError", ({ detail }) => Effect.succeed([target.id, detail] as const))
    )
  )
  return new Map(each)
})

const differenceTo = (
  pinned: PinnedTarget,
  found: Target | undefined,
  now: PinnedTarget | string | undefined
): Difference | undefined => {
  if (found === undefined || now === undefined) {
    return differs("target.removed", `${pinned.name}: the target was removed`)
  }
  if (typeof now === "string") return differs("target.jumps", now.replace(/\.$/, ""))
  return pinnedDifference(pinned, now) ?? tagDifference(pinned, found)
}

const tagDifference = ({ name, selectedBy }: PinnedTarget, { tags }: Target): Difference | undefined => {
  const lost = selectedBy === undefined ? undefined : tagsOf(selectedBy).find((tag) => !tags.includes(tag))
  return lost === undefined
    ? undefined
    : differs("target.tags", `${name}: the target has lost the tag ${lost}, by which it was selected`)
}

/** Compares each pinned secret's version with the current one. */
export const secretDifference = Effect.fnUntraced(function* (header: Header, plan: Plan) {
  const source = yield* SecretSource
  for (const { name, version } of plan.secrets) {
    const now = yield* Effect.result(source.version(header.organisation, name))
    if (now._tag === "Failure") {
      return differs("secret", `The secret "${name}" can no longer be used (${now.failure.reason})`)
    }
    if (now.success !== version) {
      return differs("secret", `The secret "${name}" is now in version ${now.success}, approved was version ${version}`)
    }
  }
  return undefined
})

const pinnedDifference = (pinned: PinnedTarget, now: PinnedTarget): Difference | undefined => {
  const [before, after] = [pinned.jumps ?? [], now.jumps ?? []]
  if (before.map(({ id }) => id).join() !== after.map(({ id }) => id).join()) {
    const detail = `${pinned.name}: the way there is now ${wayText(after)}, approved was ${wayText(before)}`
    return differs("target.jumps", detail)
  }
  return [pinned, ...before]
    .map((host, index) => hostDifference(host, [now, ...after][index]!))
    .find((difference) => difference !== undefined)
}

const wayText = (jumps: ReadonlyArray<PinnedJump>): string =>
  jumps.length === 0 ? "direct" : `through ${jumps.map(({ name }) => name).join(", ")}`

const hostDifference = (pinned: PinnedJump, now: PinnedJump): Difference | undefined => {
  const field = FIELDS.find(([name]) => fieldText(now, name) !== fieldText(pinned, name))
  return field === undefined ? undefined : fieldDiffers(field, pinned, now)
}

type Field = readonly [name: Exclude<keyof PinnedJump, "id" | "name">, word: string]

const FIELDS: ReadonlyArray<Field> = [
  ["host", "host"],
  ["port", "port"],
  ["account", "account"],
  ["hostKey", "host key"],
  ["revokedKeys", "list of revoked keys"],
  ["credential", "credential"],
  ["passphrase", "passphrase"]
]

const fieldDiffers = ([name, word]: Field, pinned: PinnedJump, now: PinnedJump): Difference =>
  differs(
    `target.${name}`,
    `${pinned.name}: ${word} is now ${fieldText(now, name)}, approved was ${fieldText(pinned, name)}`
  )

const fieldText = (host: PinnedJump, name: Field[0]): string => {
  const value = host[name] ?? "none"
  return typeof value === "object" ? value.join(", ") : String(value)
}

export const differs = (what: string, sentence: string): Difference => ({
  what,
  detail: `${sentence}. Nothing ran. Propose it again.`
})

export const isDifference = (value: Approved | Difference): value is Difference => "what" in value
