// Who does something: a person, an agent (always on behalf of a person), a service token, or the system itself.
import { Schema } from "effect"
import { AgentId, PersonId, TokenId } from "./ids.ts"

/** A person who signed in, or who uses an API token of their own. */
export class PersonActor extends Schema.TaggedClass<PersonActor>()("Person", { person: PersonId }) {}

/** A program that proposes for a person. It can never decide anything. */
export class AgentActor extends Schema.TaggedClass<AgentActor>()("Agent", { agent: AgentId, person: PersonId }) {}

/** A service's API token that belongs to the organisation and to nobody in particular. It can never decide anything. */
export class ServiceActor extends Schema.TaggedClass<ServiceActor>()("Service", { token: TokenId }) {}

/** FluxCybers itself: sweeps, recovery after a crash, first start. */
export class SystemActor extends Schema.TaggedClass<SystemActor>()("System", { component: Schema.String }) {}

/** Whoever does something. */
export const Actor = Schema.Union([PersonActor, AgentActor, ServiceActor, SystemActor])
export type Actor = typeof Actor.Type

/** The actor as the audit log names it: ids only, nothing personal. */
export const actorName = (actor: Actor): string => {
  switch (actor._tag) {
    case "Person":
      return actor.person
    case "Agent":
      return `${actor.agent}/${actor.person}`
    case "Service":
      return actor.token
    case "System":
      return `system/${actor.component}`
  }
}

/** The person behind an action, if there is one: the person themself, or the one an agent works for. */
export const personBehind = (actor: Actor): PersonId | undefined =>
  actor._tag === "Person" || actor._tag === "Agent" ? actor.person : undefined
