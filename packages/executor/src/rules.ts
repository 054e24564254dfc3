// Rules decide who must agree before a plan may run. They are data, ordered, versioned; the first that matches wins.
import { Role } from "@fluxcybers/core"
import { Schema } from "effect"
import { Access } from "./plan.ts"

/** Who must agree: nobody, or so many distinct people. `refuse` means that it never runs. */
export const Requirement = Schema.Union([
  Schema.TaggedStruct("Nobody", {}),
  Schema.TaggedStruct("People", {
    count: Schema.Int,
    roles: Schema.Array(Role),
    /** May the requester be among them? (An agent's person counts as its requester.) */
    requester: Schema.Literals(["may-decide", "must-confirm", "must-not-decide"]),
    /** Name and version of the rule set, and the rule that matched. */
    rule: Schema.String
  }),
  Schema.TaggedStruct("Refused", { reason: Schema.String, rule: Schema.String })
])
export type Requirement = typeof Requirement.Type

export const Rule = Schema.Struct({
  name: Schema.String,
  when: Schema.Struct({
    access: Schema.optionalKey(Schema.Array(Access)),
    executor: Schema.optionalKey(Schema.Array(Schema.String)),
    /** Every target of the plan has all of these tags. */
    tags: Schema.optionalKey(Schema.Array(Schema.String)),
    requester: Schema.optionalKey(Schema.Literals(["person", "agent", "service"]))
  }),
  require: Requirement
})
export type Rule = typeof Rule.Type

export const RuleSet = Schema.Struct({ name: Schema.String, version: Schema.Int, rules: Schema.Array(Rule) })
export type RuleSet = typeof RuleSet.Type
