// Why a rule decided, why the earlier ones did not, and who can satisfy what it requires.
import { type Actor, type ExecutionId, type OrganisationId, PersonId, Role } from "@fluxcybers/core"
import { DateTime, Effect, Schema } from "effect"
import { type Ballot, ballotRefusal, isApproved } from "../decision.ts"
import type { Decision } from "../execution.ts"
import { headerOf } from "../gate/look.ts"
import { Members } from "../ports.ts"
import { openSeats } from "../rules/quorum.ts"
import { circumstancesOf, evaluate, Requirement, type RuleSet, ruleSetName, type Subject } from "../rules.ts"
import { findVerdicts } from "../store/execution-reads.ts"
import { findJudged, ruleSetByDigest } from "../store/rule-sets.ts"

/** What is to be explained: something that nobody has proposed yet. */
export interface ExplainInput {
  readonly organisation: OrganisationId
  readonly actor: Actor
  readonly subject: Subject
}

/** A member, and whether their approval would count now. */
const Decider = Schema.Struct({
  person: PersonId,
  roles: Schema.Array(Role),
  /** Why it would not; absent when it would. */
  refusal: Schema.optionalKey(Schema.String)
})

/** What the rules say about one proposal, and why. */
export const Explanation = Schema.Struct({
  /** `team@1` */
  ruleSet: Schema.String,
  requirement: Requirement,
  /** The rules in order, up to the one that decided; each earlier one with why it did not match. */
  considered: Schema.Array(Schema.Struct({ rule: Schema.String, mismatch: Schema.optionalKey(Schema.String) })),
  /** Is nobody's approval missing? */
  isApproved: Schema.Boolean,
  /** Every member, when people are required. */
  deciders: Schema.Array(Decider),
  /** How many of the required people the organisation does not have at all. */
  unfillable: Schema.Int
}).annotate({ identifier: "PolicyExplanation" })
export type Explanation = typeof Explanation.Type

/** What would be required of a proposal that is made now. */
export const explainProposal = Effect.fn("Policies.explain")(function* (input: ExplainInput, ruleSet: RuleSet) {
  const given = circumstancesOf(input.subject, input.actor, yield* DateTime.now)
  const { requirement, considered } = evaluate(ruleSet, given)
  const members = yield* (yield* Members).list(input.organisation)
  return explanation({
    ruleSet: ruleSetName(ruleSet),
    requirement,
    considered,
    decisions: [],
    requester: input.actor,
    members
  })
})

/** What was required of an execution, and of whom it is required still. By the rules under which it was proposed. */
export const explainExecution = Effect.fn("Policies.explainExecution")(function* (
  organisation: OrganisationId,
  id: ExecutionId,
  current: RuleSet & { readonly digest: string }
) {
  const header = yield* headerOf(organisation, id)
  const ruleSet =
    header.rule_set === current.digest ? current : yield* ruleSetByDigest(organisation, header.rule_set ?? "")
  const at = DateTime.makeUnsafe(header.proposed_at)
  const { requirement, requester } = header
  const subject = (yield* findJudged(id))?.subject ?? null
  const considered =
    ruleSet === undefined || subject === null
      ? []
      : evaluate(ruleSet, circumstancesOf(subject, requester, at)).considered
  return explanation({
    ruleSet: requirement.rule.slice(0, requirement.rule.indexOf("/")),
    requirement,
    considered,
    decisions: yield* findVerdicts(id),
    requester,
    members: yield* (yield* Members).list(organisation)
  })
})

interface Explained extends Pick<Explanation, "ruleSet" | "requirement" | "considered"> {
  readonly decisions: ReadonlyArray<Decision>
  readonly requester: Actor
  readonly members: ReadonlyArray<{ readonly person: PersonId; readonly roles: ReadonlyArray<Role> }>
}

const explanation = ({ members, decisions, requester, ...explained }: Explained): Explanation => {
  const { requirement } = explained
  const deciders =
    requirement._tag === "People" ? members.map((member) => decider(member, { requirement, requester, decisions })) : []
  return {
    ...explained,
    isApproved: isApproved({ requirement, requester, decisions }),
    deciders,
    unfillable: requirement._tag === "People" ? openSeats(requirement.groups, eligible(deciders)) : 0
  }
}

/** As if signed: what is missing is a person, not a key. */
const decider = (
  member: Explained["members"][number],
  ballot: Pick<Ballot, "requirement" | "requester" | "decisions">
) => {
  const refusal = ballotRefusal({ ...ballot, ...member, verdict: "approve", signed: "passkey" })
  return refusal === undefined ? member : { ...member, refusal }
}

/** Whoever has decided already sits on a seat. */
const eligible = (deciders: Explanation["deciders"]) =>
  deciders.filter(
    ({ refusal }) => refusal === undefined || refusal === "already-decided" || refusal === "requester-must-confirm"
  )
