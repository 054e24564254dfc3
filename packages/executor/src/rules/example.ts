// Examples beside the rules: situations, and what the rules must say about them.
import { DateTime, Schema } from "effect"
import { classify } from "../classify/index.ts"
import { Access } from "../plan.ts"
import type { Circumstances } from "./circumstances.ts"
import { Requester } from "./condition.ts"
import { Demand } from "./demand.ts"

/** A Wednesday: the time of every example that names none. */
const SOME_WEDNESDAY = "2026-01-07T12:00:00Z"

const Instant = Schema.String.check(
  Schema.isPattern(
    /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?(Z|[+-]\d{2}:\d{2})$/,
    {
      expected: 'an instant like "2026-01-07T12:00:00Z" or with an offset like "+01:00"'
    }
  )
)

const SituationTarget = Schema.Struct({
  name: Schema.optionalKey(Schema.String),
  id: Schema.optionalKey(Schema.String),
  account: Schema.optionalKey(Schema.String),
  tags: Schema.optionalKey(Schema.Array(Schema.String))
})

/** A proposal that somebody might make. What is left out is what is most common. */
export const Situation = Schema.Struct({
  /** A command line; its access is what the classifier says. */
  command: Schema.optionalKey(Schema.String),
  /** Instead of a command; `unknown` without either. */
  access: Schema.optionalKey(Access),
  /** `ssh` unless told. */
  executor: Schema.optionalKey(Schema.String),
  /** One without tags, named `example`, unless told. */
  targets: Schema.optionalKey(Schema.Array(SituationTarget)),
  /** `person` unless told. */
  requester: Schema.optionalKey(Requester),
  requestedBy: Schema.optionalKey(Schema.Array(Schema.String)),
  /** Wednesday 7 January 2026, 12:00 UTC, unless told. */
  at: Schema.optionalKey(Instant)
}).check(
  Schema.makeFilter(({ command, access }) => command === undefined || access === undefined, {
    expected: "either `command` or `access`"
  })
)
export type Situation = typeof Situation.Type

/** What the whole rule set must say about a situation. */
export const Example = Schema.Struct({
  given: Situation,
  /** The name of the rule that decides, or `none`. */
  rule: Schema.String,
  require: Schema.optionalKey(Demand)
})
export type Example = typeof Example.Type

/** Situations in which one rule is the one that decides, and others in which its condition does not hold. */
export const RuleExamples = Schema.Struct({
  match: Schema.optionalKey(Schema.Array(Situation)),
  noMatch: Schema.optionalKey(Schema.Array(Situation))
})

/** The situation with everything filled in. */
export const circumstancesIn = (situation: Situation): Circumstances => ({
  executor: situation.executor ?? "ssh",
  access: situation.command === undefined ? (situation.access ?? "unknown") : classify(situation.command).class,
  targets: (situation.targets ?? [{}]).map(({ name = "example", id = "", account = "root", tags = [] }) => ({
    name,
    id,
    account,
    tags
  })),
  requester: situation.requester ?? "person",
  requestedBy: situation.requestedBy ?? [],
  at: DateTime.makeUnsafe(situation.at ?? SOME_WEDNESDAY)
})
