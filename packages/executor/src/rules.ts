// Rules decide who must agree before a plan may run. They are data, ordered, versioned; the first that matches wins.
import { type Actor, Role } from "@fluxcybers/core"
import { Schema } from "effect"
import { Access, type Plan } from "./plan.ts"

const people = {
  /** Distinct people, at least 1. */
  count: Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)),
  /** One of these lets a person decide. */
  roles: Schema.Array(Role),
  /** May the requester be among them? (An agent's person counts as its requester.) */
  requester: Schema.Literals(["may-decide", "must-confirm", "must-not-decide"])
}

/** What a rule demands: nobody, so many distinct people, or that it never runs. */
export const Demand = Schema.Union([
  Schema.TaggedStruct("Nobody", {}),
  Schema.TaggedStruct("People", people),
  Schema.TaggedStruct("Refused", { reason: Schema.String })
])
export type Demand = typeof Demand.Type

/** `set@version/rule`: which rule of which rule set matched. */
const rule = Schema.String

/** A demand together with the rule that made it; it stands in the execution and in the audit log. */
export const Requirement = Schema.Union([
  Schema.TaggedStruct("Nobody", { rule }),
  Schema.TaggedStruct("People", { ...people, rule }),
  Schema.TaggedStruct("Refused", { reason: Schema.String, rule })
])
export type Requirement = typeof Requirement.Type

/** The kinds of requesters that rules tell apart. `system` is FluxCybers itself. */
export const Requester = Schema.Literals(["person", "agent", "service", "system"])
export type Requester = typeof Requester.Type

/** A rule matches when all of its conditions hold; one that is left out always holds. */
export const Rule = Schema.Struct({
  name: Schema.String,
  when: Schema.Struct({
    access: Schema.optionalKey(Schema.Array(Access)),
    executor: Schema.optionalKey(Schema.Array(Schema.String)),
    /** There is a target, and every target of the plan has all of these tags. */
    tags: Schema.optionalKey(Schema.Array(Schema.String)),
    requester: Schema.optionalKey(Schema.Array(Requester))
  }),
  require: Demand
})
export type Rule = typeof Rule.Type

/** Rules in order. What none of them matches is refused. */
export const RuleSet = Schema.Struct({ name: Schema.String, version: Schema.Int, rules: Schema.Array(Rule) })
export type RuleSet = typeof RuleSet.Type

/** What rules look at. */
export interface Circumstances {
  readonly executor: string
  readonly access: Plan["access"]
  /** The tags of each target. */
  readonly tags: ReadonlyArray<ReadonlyArray<string>>
  readonly requester: Requester
}

/** Who must agree. Pure; the first rule that matches wins, and what no rule matches is refused. */
export const evaluate = (ruleSet: RuleSet, circumstances: Circumstances): Requirement => {
  const name = `${ruleSet.name}@${ruleSet.version}`
  const first = ruleSet.rules.find(({ when }) => matches(when, circumstances))
  return first === undefined
    ? { _tag: "Refused", reason: `No rule of ${name} allows it.`, rule: `${name}/none` }
    : { ...first.require, rule: `${name}/${first.name}` }
}

/** The kind of requester that rules tell apart. */
export const requesterOf = (actor: Actor): Requester => REQUESTERS[actor._tag]

const REQUESTERS = { Person: "person", Agent: "agent", Service: "service", System: "system" } as const

const matches = (when: Rule["when"], circumstances: Circumstances): boolean =>
  allows(when.access, circumstances.access) &&
  allows(when.executor, circumstances.executor) &&
  allows(when.requester, circumstances.requester) &&
  (when.tags === undefined || everyTargetHas(when.tags, circumstances.tags))

const allows = <A>(allowed: ReadonlyArray<A> | undefined, value: A): boolean => allowed?.includes(value) ?? true

/** Without a target there is nothing that carries the tag: a condition on tags does not hold then. */
const everyTargetHas = (wanted: ReadonlyArray<string>, targets: Circumstances["tags"]): boolean =>
  targets.length > 0 && targets.every((tags) => wanted.every((tag) => tags.includes(tag)))
