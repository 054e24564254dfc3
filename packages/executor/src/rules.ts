// Rules decide who must agree before a plan may run. They are data, ordered, versioned; the first that matches wins.
import { createHash } from "node:crypto"
import { canonicalJson, Role } from "@fluxcybers/core"
import { Schema } from "effect"
import type { Circumstances } from "./rules/circumstances.ts"
import { Condition } from "./rules/condition.ts"
import { Demand, RecordingNeed, type Requirement, requirementOf, Sentence } from "./rules/demand.ts"
import { Example, RuleExamples } from "./rules/example.ts"
import { filledList } from "./rules/filled-list.ts"
import { mismatch } from "./rules/match.ts"

export {
  type Circumstances,
  circumstancesOf,
  requesterOf,
  type Subject,
  type TargetFacts
} from "./rules/circumstances.ts"
export { Condition, Requester, type TargetCondition } from "./rules/condition.ts"
export {
  Demand,
  type Group,
  isRecordingRequired,
  type RequesterPart,
  Requirement,
  requirementOf,
  type SignatureNeed
} from "./rules/demand.ts"
export type { Example, Situation } from "./rules/example.ts"
export type { TimeWindow } from "./rules/time-window.ts"

const RULES_MAX = 200
const EXAMPLES_MAX = 1_000
const REVIEW_HOURS_MAX = 14 * 24

/** Rules and rule sets are named with lower-case words: `production-write`. */
const RuleName = Schema.String.check(
  Schema.isPattern(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, { expected: 'a name like "production-write"' }),
  Schema.isMaxLength(64, { expected: "a name of at most 64 characters" })
)

/** One rule. Without `when` it always matches. */
export const Rule = Schema.Struct({
  name: RuleName,
  /** What it is for, for people. */
  why: Schema.optionalKey(Sentence),
  when: Schema.optionalKey(Condition),
  require: Demand,
  /** What it allows does not start when it cannot be recorded, and is stopped when its recording breaks. */
  recording: Schema.optionalKey(RecordingNeed),
  examples: Schema.optionalKey(RuleExamples)
})
export type Rule = typeof Rule.Type

/** Who may run something at once that would have to wait for people, and within how many hours another person must have reviewed it. */
export const BreakGlass = Schema.Struct({
  roles: filledList(Role),
  reviewWithinHours: Schema.Int.check(
    Schema.isBetween(
      { minimum: 1, maximum: REVIEW_HOURS_MAX },
      { expected: `a whole number from 1 to ${REVIEW_HOURS_MAX}` }
    )
  )
})
export type BreakGlass = typeof BreakGlass.Type

const areDistinct = (rules: ReadonlyArray<Rule>) =>
  rules.length <= RULES_MAX && new Set(rules.map(({ name }) => name)).size === rules.length

/** A rule set as people write it: YAML, JSON or TypeScript. */
export const RuleDocument = Schema.Struct({
  name: RuleName,
  /** Nobody, where it is left out. */
  breakGlass: Schema.optionalKey(BreakGlass),
  /** In order. What none of them matches is refused. */
  rules: Schema.Array(Rule).check(
    Schema.makeFilter(areDistinct, { expected: `at most ${RULES_MAX} rules with a name of their own each` })
  ),
  examples: Schema.optionalKey(
    Schema.Array(Example).check(Schema.isMaxLength(EXAMPLES_MAX, { expected: `at most ${EXAMPLES_MAX} examples` }))
  )
})
export type RuleDocument = typeof RuleDocument.Type

/** A rule set in force. */
export interface RuleSet extends RuleDocument {
  readonly version: number
}

/** Checks rules that are written in TypeScript as they are typed; a file of rules may export them as `rules`. */
export const defineRules = (document: RuleDocument): RuleDocument => document

/** A rule that was looked at, and why it did not match; the last one may have. */
export interface Considered {
  readonly rule: string
  readonly mismatch?: string
}

/** Who must agree, and why. */
export interface Evaluation {
  readonly requirement: Requirement
  /** Up to the rule that matched. */
  readonly considered: ReadonlyArray<Considered>
}

/** Who must agree. Pure; the first rule that matches wins, and what no rule matches is refused. */
export const evaluate = (ruleSet: RuleSet, given: Circumstances): Evaluation => {
  const set = ruleSetName(ruleSet)
  const considered: Array<Considered> = []
  for (const { name, when = {}, require: demand, recording } of ruleSet.rules) {
    const why = mismatch(when, given)
    considered.push(why === undefined ? { rule: name } : { rule: name, mismatch: why })
    if (why !== undefined) continue
    const requirement = requirementOf(demand, `${set}/${name}`)
    const isRefused = requirement._tag === "Refused" || recording === undefined
    return { requirement: isRefused ? requirement : { ...requirement, recording }, considered }
  }
  return { requirement: { _tag: "Refused", reason: `No rule of ${set} allows it.`, rule: `${set}/none` }, considered }
}

/** `team@1` */
export const ruleSetName = ({ name, version }: Pick<RuleSet, "name" | "version">): string => `${name}@${version}`

/** SHA-256 (hex) of the document's RFC 8785 JSON behind a prefix that says what it is: which rules exactly. */
export const ruleSetDigest = ({ version: _, ...document }: RuleDocument & { readonly version?: number }): string =>
  createHash("sha256")
    .update(`fluxcybers-rules-v1\n${canonicalJson(document)}`)
    .digest("hex")
