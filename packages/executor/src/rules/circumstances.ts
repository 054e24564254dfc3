// What rules look at: everything about a proposal that can decide who must agree.
import { type Actor, personBehind } from "@fluxcybers/core"
import { type DateTime, Schema } from "effect"
import { Access, type Plan } from "../plan.ts"
import type { Requester } from "./condition.ts"

/** A target as far as rules look at it. */
export const TargetFacts = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  account: Schema.String,
  tags: Schema.Array(Schema.String)
})
export type TargetFacts = typeof TargetFacts.Type

/** What would run where; kept with the execution, so that rules can be explained and simulated later. */
export const Subject = Schema.Struct({
  executor: Schema.String,
  access: Access,
  targets: Schema.Array(TargetFacts)
})
export type Subject = typeof Subject.Type

/** The subject, who asks, and when. */
export interface Circumstances extends Subject {
  readonly requester: Requester
  /** The ids that name whoever asks: their own, and for an agent that of the person it works for. */
  readonly requestedBy: ReadonlyArray<string>
  readonly at: DateTime.DateTime
}

/** The kind of requester that rules tell apart. */
export const requesterOf = (actor: Actor): Requester => REQUESTERS[actor._tag]

const REQUESTERS = { Person: "person", Agent: "agent", Service: "service", System: "system" } as const

/** Whoever asks, and when, as rules see it. */
export const circumstancesOf = (subject: Subject, actor: Actor, at: DateTime.DateTime): Circumstances => ({
  ...subject,
  requester: requesterOf(actor),
  requestedBy: idsOf(actor),
  at
})

const idsOf = (actor: Actor): ReadonlyArray<string> => {
  const person = personBehind(actor)
  const own = actor._tag === "Agent" ? [actor.agent] : actor._tag === "Service" ? [actor.token] : []
  return person === undefined ? own : [...own, person]
}

/** The subject of a plan on these targets. */
export const subjectOf = (plan: Pick<Plan, "executor" | "access">, targets: ReadonlyArray<TargetFacts>): Subject => ({
  executor: plan.executor,
  access: plan.access,
  targets: targets.map(({ id, name, account, tags }) => ({ id, name, account, tags }))
})
