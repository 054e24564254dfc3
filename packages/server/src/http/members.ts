// /api/v1/members and /api/v1/tokens
import { Database, personBehind } from "@fluxcybers/core"
import { Effect, Redacted } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/api.ts"
import { Caller, type CallerIdentity } from "../api/authentication.ts"
import { MemberRegister } from "../data/members.ts"
import { isAdministrator, tokenRefusal } from "../data/token-policy.ts"
import { FIRST_TOKEN, Tokens } from "../data/tokens.ts"
import { asProblem, problemOf } from "./problem.ts"

export const memberHandlers = HttpApiBuilder.group(
  Api,
  "members",
  Effect.fn(function* (handlers) {
    const members = yield* MemberRegister
    const tokens = yield* Tokens
    const { transaction } = yield* Database
    return handlers.handleAll({
      list: Effect.fn("members.list")(function* () {
        return yield* members.list((yield* Caller).organisation)
      }),
      add: Effect.fn("members.add")(function* ({ payload }) {
        const { organisation, actor } = yield* Caller
        const { person, first } = yield* transaction(
          Effect.gen(function* () {
            const person = yield* asProblem(members.add({ ...payload, organisation, actor }))
            const first = yield* tokens.create({ ...FIRST_TOKEN, organisation, actor, person, name: "first token" })
            return { person, first }
          })
        )
        const member = { person, name: payload.name, roles: payload.roles }
        return { member, token: Redacted.value(first.token), expiresAt: first.summary.expiresAt }
      }),
      remove: Effect.fn("members.remove")(function* ({ params }) {
        const { organisation, actor } = yield* Caller
        yield* asProblem(members.remove({ organisation, actor, person: params.person }))
      })
    })
  })
)

export const tokenHandlers = HttpApiBuilder.group(
  Api,
  "tokens",
  Effect.fn(function* (handlers) {
    const tokens = yield* Tokens
    return handlers.handleAll({
      list: Effect.fn("tokens.list")(function* () {
        return yield* tokens.list(ownedBy(yield* Caller))
      }),
      create: Effect.fn("tokens.create")(function* ({ payload }) {
        const caller = yield* Caller
        const refused = tokenRefusal(caller, payload)
        if (refused !== undefined) return yield* problemOf(refused)
        const { organisation, actor } = caller
        const person = payload.kind === "service" ? null : (personBehind(actor) ?? null)
        const { summary, token } = yield* tokens.create({ ...payload, organisation, actor, person })
        return { summary, token: Redacted.value(token) }
      }),
      revoke: Effect.fn("tokens.revoke")(function* ({ params }) {
        const caller = yield* Caller
        yield* asProblem(tokens.revoke({ ...ownedBy(caller), actor: caller.actor, id: params.id }))
      })
    })
  })
)

/** Owners and administrators see and revoke every token of the organisation; everybody else their own. */
const ownedBy = ({ organisation, actor, roles }: CallerIdentity) => ({
  organisation,
  person: isAdministrator(roles) ? ("all" as const) : (personBehind(actor) ?? ("all" as const))
})
