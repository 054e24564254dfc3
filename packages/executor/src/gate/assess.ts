// Assessing a proposal: who must agree, by the rules in force.
import { DateTime, Duration, Effect } from "effect"
import { invalidJustification, missingJustification } from "../justification.ts"
import { Policies, ruleSetOf } from "../policies.ts"
import { Members } from "../ports.ts"
import type { Subject } from "../rules/circumstances.ts"
import { circumstancesOf, evaluate, type Requirement, type RuleSet } from "../rules.ts"
import { hasOverdueReview } from "../store/reviews.ts"
import type { Proposal } from "./propose.ts"
import { proposalRefused as refused } from "./refusal.ts"

/** What a proposal requires, and the digest of the rule set that says so. */
export interface Assessed {
  readonly requirement: Exclude<Requirement, { readonly _tag: "Refused" }>
  readonly digest: string
}

/** Refuses what the rules refuse, and what lacks the reason or the ticket that they want. */
export const assess = Effect.fnUntraced(function* (proposal: Proposal, subject: Subject) {
  const invalid = invalidJustification(proposal)
  if (invalid !== undefined) return yield* refused("limit", invalid)
  const inForce = yield* (yield* Policies).current(proposal.organisation)
  const ruleSet = ruleSetOf(inForce)
  const { digest } = inForce
  const { requirement } = evaluate(ruleSet, circumstancesOf(subject, proposal.actor, yield* DateTime.now))
  if (requirement._tag === "Refused") {
    return yield* refused("refused-by-rule", `${requirement.reason} (${requirement.rule})`)
  }
  if (proposal.breakGlass === true && requirement._tag === "People") {
    return { requirement: yield* broken(proposal, requirement, ruleSet), digest }
  }
  const missing = missingJustification(requirement, proposal)
  if (missing !== undefined) return yield* refused(missing, missingText(requirement, missing))
  return { requirement, digest } satisfies Assessed
})

const missingText = (requirement: Requirement, missing: "missing-reason" | "missing-ticket"): string => {
  if (missing === "missing-reason") return `A reason is required (${requirement.rule}).`
  const patterns = requirement._tag === "People" ? (requirement.ticket ?? []) : []
  return `A ticket like ${patterns.join(" or ")} is required (${requirement.rule}).`
}

/** Only a person breaks the glass, in a role that may, with a reason, and with no review of theirs overdue. */
const broken = Effect.fnUntraced(function* (
  proposal: Proposal,
  { rule, recording }: Extract<Requirement, { readonly _tag: "People" }>,
  { breakGlass: allowed }: RuleSet
) {
  const { actor, organisation, reason = "" } = proposal
  if (actor._tag !== "Person") return yield* refused("break-glass", "Only a person can break the glass.")
  if (allowed === undefined) return yield* refused("break-glass", "The rules let nobody break the glass.")
  const members = yield* (yield* Members).list(organisation)
  const roles = members.find(({ person }) => person === actor.person)?.roles ?? []
  if (!roles.some((role) => allowed.roles.includes(role))) {
    return yield* refused("break-glass", `Only ${allowed.roles.join(" or ")} can break the glass.`)
  }
  if (reason.trim() === "") return yield* refused("missing-reason", "Whoever breaks the glass must say why.")
  if (yield* hasOverdueReview(organisation, actor.person)) return yield* refused("review-overdue", OVERDUE)
  const reviewBy = DateTime.addDuration(yield* DateTime.now, Duration.hours(allowed.reviewWithinHours))
  return {
    _tag: "BreakGlass",
    reviewBy: DateTime.formatIso(reviewBy),
    ...(recording === undefined ? {} : { recording }),
    rule
  } as const
})

const OVERDUE =
  'A review of what you ran by breaking the glass is overdue. Another person must close it first: see "policy reviews".'
