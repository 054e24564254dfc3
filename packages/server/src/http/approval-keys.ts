// /api/v1/approval-keys
import { personBehind } from "@fluxcybers/core"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/api.ts"
import { Caller, type CallerIdentity } from "../api/authentication.ts"
import { ApprovalKeyRegister } from "../data/approval-keys.ts"
import { isAdministrator } from "../data/token-policy.ts"
import { asProblem } from "./problem.ts"

export const approvalKeyHandlers = HttpApiBuilder.group(
  Api,
  "approvalKeys",
  Effect.fn(function* (handlers) {
    const keys = yield* ApprovalKeyRegister
    return handlers.handleAll({
      list: Effect.fn("approvalKeys.list")(function* () {
        return yield* keys.list(reachOf(yield* Caller))
      }),
      addSshKey: Effect.fn("approvalKeys.addSshKey")(function* ({ payload }) {
        const { organisation, actor } = yield* Caller
        return yield* asProblem(keys.addSshKey({ organisation, actor, name: payload.name, line: payload.publicKey }))
      }),
      revoke: Effect.fn("approvalKeys.revoke")(function* ({ params }) {
        const caller = yield* Caller
        yield* asProblem(keys.revoke({ ...reachOf(caller), actor: caller.actor, id: params.key }))
      })
    })
  })
)

/** Owners and administrators reach everybody's keys, everybody else their own. */
const reachOf = ({ organisation, actor, roles }: CallerIdentity) => ({
  organisation,
  person: isAdministrator(roles) ? ("all" as const) : (personBehind(actor) ?? ("all" as const))
})
