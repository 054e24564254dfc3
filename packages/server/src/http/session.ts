// /api/v1/health, /claim and /whoami.
import { personBehind } from "@fluxcybers/core"
import { Effect, Redacted } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/api.ts"
import { Caller } from "../api/authentication.ts"
import { MemberRegister } from "../data/members.ts"
import { OwnerLink } from "../data/owner-link.ts"
import { asProblem } from "./problem.ts"

export const systemHandlers = HttpApiBuilder.group(
  Api,
  "system",
  Effect.fn(function* (handlers) {
    const ownerLink = yield* OwnerLink
    return handlers.handleAll({
      health: () => Effect.succeed({ status: "ok" as const }),
      claim: Effect.fn("claim")(function* ({ payload }) {
        const code = Redacted.make(payload.code)
        const claimed = yield* asProblem(ownerLink.redeem({ code, name: payload.name }))
        return { ...claimed, token: Redacted.value(claimed.token) }
      })
    })
  })
)

export const sessionHandlers = HttpApiBuilder.group(
  Api,
  "session",
  Effect.fn(function* (handlers) {
    const members = yield* MemberRegister
    return handlers.handleAll({
      whoami: Effect.fn("whoami")(function* () {
        const { organisation, actor, kind, roles, scopes, tokenExpiresAt } = yield* Caller
        const person = personBehind(actor)
        const count = (yield* members.roles(organisation)).length
        const name = person === undefined ? "service" : yield* asProblem(members.name(organisation, person))
        const who = person === undefined ? {} : { person }
        return { organisation, kind, ...who, name, roles, scopes, members: count, tokenExpiresAt }
      })
    })
  })
)
