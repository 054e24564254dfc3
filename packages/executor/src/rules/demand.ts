// What a rule demands, as people write it, and what an execution then requires, as it is stored.
import { BoundedGrantId, Role } from "@fluxcybers/core"
import { Schema } from "effect"
import { filledList } from "./filled-list.ts"
import { WILDCARDS_MAX, wildcardsIn } from "./wildcard.ts"

/** People of all groups of one demand together. */
const PEOPLE_MAX = 20
const GROUPS_MAX = 5
const MINUTES_MAX = 7 * 24 * 60
const SENTENCE_LENGTH_MAX = 300
const PATTERN_LENGTH_MAX = 100

/** So many distinct people out of these roles. */
export const Group = Schema.Struct({
  count: Schema.Int.check(
    Schema.isBetween({ minimum: 1, maximum: PEOPLE_MAX }, { expected: `a whole number from 1 to ${PEOPLE_MAX}` })
  ),
  roles: filledList(Role)
})
export type Group = typeof Group.Type

/** May whoever asks (for an agent: the person it works for) be among those who decide? */
export const RequesterPart = Schema.Literals(["may-decide", "must-confirm", "must-not-decide"])
export type RequesterPart = typeof RequesterPart.Type

/** How a decision must be signed to count: not at all, with a passkey or an SSH key, or with a passkey. */
export const SignatureNeed = Schema.Literals(["none", "any", "passkey"])
export type SignatureNeed = typeof SignatureNeed.Type

const Minutes = Schema.Int.check(
  Schema.isBetween(
    { minimum: 1, maximum: MINUTES_MAX },
    { expected: `a whole number of minutes from 1 to ${MINUTES_MAX}` }
  )
)

const TicketPattern = Schema.String.check(
  Schema.makeFilter(
    (pattern) => pattern.length > 0 && pattern.length <= PATTERN_LENGTH_MAX && wildcardsIn(pattern) <= WILDCARDS_MAX,
    {
      expected: `a pattern like "OPS-#" (# for digits, * for any characters of a name), with at most ${WILDCARDS_MAX} wildcards`
    }
  )
)

/** A sentence for people: one line. */
export const Sentence = Schema.String.check(
  Schema.isPattern(new RegExp(`^[^\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]{1,${SENTENCE_LENGTH_MAX}}$`, "u"), {
    expected: `a sentence of 1 to ${SENTENCE_LENGTH_MAX} characters on one line`
  })
)

const areFew = (groups: ReadonlyArray<Group>) =>
  groups.length <= GROUPS_MAX && groups.reduce((sum, { count }) => sum + count, 0) <= PEOPLE_MAX

/** Every group must be complete; a person counts in one group only. */
const Groups = filledList(Group).check(
  Schema.makeFilter(areFew, { expected: `at most ${GROUPS_MAX} groups with ${PEOPLE_MAX} people together` })
)

const terms = {
  /** The proposal must name a ticket that fits one of these. */
  ticket: Schema.optionalKey(filledList(TicketPattern)),
  /** How long it waits for its decisions; the gate's setting unless told. */
  decideWithinMinutes: Schema.optionalKey(Minutes),
  /** How long the grant can be used; the gate's setting unless told. */
  startWithinMinutes: Schema.optionalKey(Minutes)
}

const ReasonNeed = Schema.Literals(["optional", "required"])

const PeopleDemand = Schema.Struct({
  people: Groups,
  /** `must-not-decide` unless told: an independent decision. */
  requester: Schema.optionalKey(RequesterPart),
  signature: Schema.optionalKey(SignatureNeed),
  /** Must the proposal say why? */
  reason: Schema.optionalKey(ReasonNeed),
  ...terms
})

/** What a rule demands: nobody, people, or that it never runs. */
export const Demand = Schema.Union([
  Schema.Literal("nobody"),
  PeopleDemand,
  /** Why it never runs, for whoever proposed it. */
  Schema.Struct({ refuse: Sentence })
])
export type Demand = typeof Demand.Type

/** `required`: it does not start when what it writes cannot be recorded. */
export const RecordingNeed = Schema.Literal("required")

/** `set@version/rule`: which rule of which rule set matched. */
const rule = Schema.String
/** Absent where it is recorded as everything is, and nothing depends on it. */
const recording = Schema.optionalKey(RecordingNeed)

/** A demand with its defaults filled in and the rule that made it; it stands in the execution and in the audit log. */
export const Requirement = Schema.Union([
  Schema.TaggedStruct("Nobody", { recording, rule }),
  Schema.TaggedStruct("People", {
    groups: Groups,
    requester: RequesterPart,
    signature: SignatureNeed,
    reason: ReasonNeed,
    ...terms,
    recording,
    rule
  }),
  /** Somebody broke the glass: it ran without the people whom `rule` wants, and must be reviewed until then. */
  Schema.TaggedStruct("BreakGlass", { reviewBy: Schema.String, recording, rule }),
  /** The people whom `rule` wants have agreed in advance, with this bounded grant. */
  Schema.TaggedStruct("Bounded", { grant: BoundedGrantId, recording, rule }),
  Schema.TaggedStruct("Refused", { reason: Schema.String, rule })
])
export type Requirement = typeof Requirement.Type

/** Must it be recorded to start at all? */
export const isRecordingRequired = (requirement: Requirement): boolean =>
  requirement._tag !== "Refused" && requirement.recording === "required"

/** The demand as a requirement of this rule. */
export const requirementOf = (demand: Demand, named: string): Requirement => {
  if (demand === "nobody") return { _tag: "Nobody", rule: named }
  if ("refuse" in demand) return { _tag: "Refused", reason: demand.refuse, rule: named }
  const { people, ...rest } = demand
  return {
    _tag: "People",
    groups: people,
    requester: "must-not-decide",
    signature: "none",
    reason: "optional",
    ...rest,
    rule: named
  }
}
