// Does a rule's condition hold? And if not, why not, in words.
import type { Circumstances, TargetFacts } from "./circumstances.ts"
import type { Condition, TargetCondition } from "./condition.ts"
import { isWithin, windowText } from "./time-window.ts"
import { fits } from "./wildcard.ts"

/** The first condition that does not hold, as a sentence without its full stop; `undefined` when all of them hold. */
export const mismatch = (when: Condition, given: Circumstances): string | undefined =>
  outside("the access is", given.access, when.access) ??
  outside("the executor is", given.executor, when.executor) ??
  outside("whoever asks is", given.requester, when.requester) ??
  otherRequester(when.requestedBy, given.requestedBy) ??
  fewerTargets(when.targetsMin, given.targets.length) ??
  notEvery(when.everyTarget, given.targets) ??
  notSome(when.someTarget, given.targets) ??
  (when.time === undefined || isWithin(when.time, given.at) ? undefined : `it is not ${windowText(when.time)}`)

const outside = (what: string, value: string, allowed: ReadonlyArray<string> | undefined): string | undefined =>
  allowed === undefined || allowed.includes(value) ? undefined : `${what} ${value}, not ${allowed.join(" or ")}`

const otherRequester = (wanted: Condition["requestedBy"], ids: ReadonlyArray<string>): string | undefined =>
  wanted === undefined || wanted.some((id) => ids.includes(id)) ? undefined : "somebody else asks"

const fewerTargets = (min: number | undefined, count: number): string | undefined =>
  min === undefined || count >= min ? undefined : `the plan has ${count} targets, fewer than ${min}`

/** Without a target there is nothing of which it could be true. */
const notEvery = (condition: TargetCondition | undefined, targets: ReadonlyArray<TargetFacts>): string | undefined => {
  if (condition === undefined) return undefined
  if (targets.length === 0) return "the plan has no target"
  return targets.map((target) => otherTarget(condition, target)).find((why) => why !== undefined)
}

const notSome = (condition: TargetCondition | undefined, targets: ReadonlyArray<TargetFacts>): string | undefined => {
  if (condition === undefined || targets.some((target) => otherTarget(condition, target) === undefined))
    return undefined
  const [only] = targets
  if (only === undefined) return "the plan has no target"
  return targets.length === 1
    ? otherTarget(condition, only)
    : `none of its ${targets.length} targets is ${meant(condition)}`
}

const otherTarget = ({ named, tags = [], account }: TargetCondition, target: TargetFacts): string | undefined => {
  if (named !== undefined && !named.some((pattern) => target.id === pattern || fits(pattern, target.name))) {
    return `the target ${target.name} is not named ${named.join(" or ")}`
  }
  const missing = tags.find((tag) => !target.tags.includes(tag))
  if (missing !== undefined) return `the target ${target.name} has no tag ${missing}`
  return outside(`the account on ${target.name} is`, target.account, account)
}

const meant = ({ named, tags, account }: TargetCondition): string =>
  [
    ...(named === undefined ? [] : [`named ${named.join(" or ")}`]),
    ...(tags === undefined ? [] : [`tagged ${tags.join(", ")}`]),
    ...(account === undefined ? [] : [`used as ${account.join(" or ")}`])
  ].join(" and ")
