// Do the rules still let it run? They are evaluated once more for the moment of its start: a target may have got another tag, the
// hour may be another one, the rules may be others.
import type { BoundedGrantId } from "@fluxcybers/core"
import { DateTime, Effect } from "effect"
import { isApproved } from "../decision.ts"
import { instant } from "../instant.ts"
import type { Plan } from "../plan.ts"
import { type RuleSetVersion, ruleSetOf } from "../policies.ts"
import { subjectOf } from "../rules/circumstances.ts"
import { circumstancesOf, evaluate, isRecordingRequired, type Requirement, ruleSetName } from "../rules.ts"
import { boundedDecisions, lockBoundedGrant } from "../store/bounded-grants.ts"
import { findVerdicts, type Header } from "../store/execution-reads.ts"
import { newestRuleSet } from "../store/rule-sets.ts"
import { Targets } from "../targets.ts"
import { differs } from "./difference.ts"

/** Call it inside the transaction of the claim. `inForce` was read before it: rules that were put since are noticed here. */
export const ruleDifference = Effect.fnUntraced(function* (header: Header, plan: Plan, inForce: RuleSetVersion) {
  const newest = yield* newestRuleSet(header.organisation)
  const isOther = newest !== undefined && newest.digest !== inForce.digest
  if (isOther || header.rule_set !== inForce.digest) {
    return differs(
      "rules",
      `The rules are now ${ruleSetName(newest === undefined ? inForce : { ...inForce, ...newest })}, others than those by which it was approved (${header.requirement.rule})`
    )
  }
  const ids = plan.targets.map(({ id }) => id)
  const now = yield* (yield* Targets).current(header.organisation, ids)
  const given = circumstancesOf(subjectOf(plan, [...now.values()]), header.requester, yield* DateTime.now)
  const { requirement } = evaluate(ruleSetOf(inForce), given)
  if (requirement._tag === "Refused") {
    return differs("rules", `The rules refuse it now: ${requirement.reason} (${requirement.rule})`)
  }
  if (isRecordingRequired(requirement) && !isRecordingRequired(header.requirement)) {
    return differs("rules", `The rules demand now that it is recorded (${requirement.rule})`)
  }
  if (header.requirement._tag === "BreakGlass") return undefined
  if (header.requirement._tag === "Bounded")
    return yield* boundedDifference(header, header.requirement.grant, requirement)
  const decisions = yield* findVerdicts(header.id)
  return isApproved({ requirement, requester: header.requester, decisions })
    ? undefined
    : differs(
        "rules",
        `The rules demand more now (${requirement.rule}) than when it was approved (${header.requirement.rule})`
      )
})

/** A grant that was revoked, or that is over, starts nothing any more; otherwise its deciders must satisfy the rules of now. */
const boundedDifference = Effect.fnUntraced(function* (header: Header, id: BoundedGrantId, requirement: Requirement) {
  const grant = yield* lockBoundedGrant(id)
  if (grant === undefined)
    return differs("bounded-grant", `The bounded grant ${id} was erased with whoever asked for it`)
  const { state, expires_at } = grant
  if (state !== "active") return differs("bounded-grant", `The bounded grant ${id} is ${state}`)
  if (expires_at <= (yield* instant())) return differs("bounded-grant", `The bounded grant ${id} has expired`)
  const decisions = yield* boundedDecisions(id)
  return isApproved({ requirement, requester: header.requester, decisions })
    ? undefined
    : differs("rules", `The rules demand more now (${requirement.rule}) than the bounded grant ${id} has`)
})
