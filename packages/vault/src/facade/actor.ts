// Who does something, in plain words.
import {
  type Actor,
  AgentActor,
  AgentId,
  PersonActor,
  PersonId,
  ServiceActor,
  SystemActor,
  TokenId
} from "@fluxcybers/core"
import { Schema } from "effect"

/** A person, a program on behalf of one, a service's token, or a part of the application itself. Ids are those of FluxCybers. */
export type ActorInput =
  | { readonly person: string; readonly agent?: string }
  | { readonly service: string }
  | { readonly system: string }

export const actorOf = (input: ActorInput): Actor => {
  if ("system" in input) return new SystemActor({ component: input.system })
  if ("service" in input) return new ServiceActor({ token: Schema.decodeSync(TokenId)(input.service) })
  const person = Schema.decodeSync(PersonId)(input.person)
  return input.agent === undefined
    ? new PersonActor({ person })
    : new AgentActor({ agent: Schema.decodeSync(AgentId)(input.agent), person })
}
