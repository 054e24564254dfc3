// A second organisation in the database of a server that is not running, with an owner and their token.
import { Database, newId, OrganisationId, orStorageFailure } from "@fluxcybers/core"
import { DateTime, Effect, Layer, Redacted } from "effect"
import type { Settings } from "../src/configuration.ts"
import { openDataDirectory } from "../src/data/data-directory.ts"
import { MemberRegister } from "../src/data/members.ts"
import { firstOrganisation, SERVER } from "../src/data/organisations.ts"
import { FIRST_TOKEN, Tokens } from "../src/data/tokens.ts"
import { servicesLayer } from "../src/layers.ts"

export const strangerOn = Effect.fnUntraced(function* (settings: Settings) {
  const directory = yield* openDataDirectory(settings.directory)
  const services = yield* Layer.build(servicesLayer(settings, directory))
  return yield* Effect.provideContext(makeStranger, services)
}, Effect.scoped)

const makeStranger = Effect.gen(function* () {
  yield* firstOrganisation()
  const { sql } = yield* Database
  const organisation = yield* newId(OrganisationId, "org")
  const created_at = DateTime.formatIso(yield* DateTime.now)
  yield* orStorageFailure(sql`INSERT INTO server_organisations ${sql.insert({ id: organisation, created_at })}`)
  const by = { organisation, actor: SERVER }
  const person = yield* (yield* MemberRegister).add({ ...by, name: "Stranger", roles: ["owner"] })
  const { token } = yield* (yield* Tokens).create({ ...FIRST_TOKEN, ...by, person, name: "stranger" })
  return { organisation, person, token: Redacted.value(token) }
})
