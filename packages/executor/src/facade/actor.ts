// Who does something, in plain words.
import { type Actor, AgentActor, AgentId, PersonActor, PersonId, ServiceActor, TokenId } from "@fluxcybers/core"
import { Schema } from "effect"

/** A person (`person_…`), a program that works for one (`agent_…`), or a service's token (`token_…`). */
export type ActorInput = { readonly person: string; readonly agent?: string } | { readonly service: string }

export const actorOf = (input: ActorInput): Actor => {
  if ("service" in input) return new ServiceActor({ token: Schema.decodeSync(TokenId)(input.service) })
  if (input.agent === undefined) return personOf(input.person)
  const person = Schema.decodeSync(PersonId)(input.person)
  return new AgentActor({ agent: Schema.decodeSync(AgentId)(input.agent), person })
}

export const personOf = (person: string): PersonActor =>
  new PersonActor({ person: Schema.decodeSync(PersonId)(person) })
