// Names of people beside their ids, where the caller may see them.
import { Effect } from "effect"
import type { CallApi } from "./api.ts"
import type { PeopleNames } from "./execution-view.ts"

/** The members' names by id; none for an agent or a service, which may not see them. */
export const peopleNames = (api: CallApi): Effect.Effect<PeopleNames> =>
  api((client) => client.members.list()).pipe(
    Effect.map((members): PeopleNames => new Map(members.map(({ person, name }) => [person as string, name]))),
    Effect.orElseSucceed((): PeopleNames => new Map())
  )
