// /api/v1/approval-keys
import { Database, personBehind } from "@fluxcybers/core"
import { Effect } from "effect"
import { HttpServerRequest } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/api.ts"
import { Caller, type CallerIdentity } from "../api/authentication.ts"
import { ApprovalKeyRegister } from "../data/approval-keys.ts"
import { beginPasskey, passkeyIn, passkeyPage } from "../data/passkeys.ts"
import { isAdministrator } from "../data/token-policy.ts"
import { asProblem, problem } from "./problem.ts"

export const approvalKeyHandlers = HttpApiBuilder.group(
  Api,
  "approvalKeys",
  Effect.fn(function* (handlers) {
    const keys = yield* ApprovalKeyRegister
    const provide = Effect.provideService(Database, yield* Database)
    return handlers.handleAll({
      list: Effect.fn("approvalKeys.list")(function* () {
        return yield* keys.list(reachOf(yield* Caller))
      }),
      addSshKey: Effect.fn("approvalKeys.addSshKey")(function* ({ payload }) {
        const { organisation, actor } = yield* Caller
        return yield* asProblem(keys.addSshKey({ organisation, actor, name: payload.name, line: payload.publicKey }))
      }),
      beginPasskey: Effect.fn("approvalKeys.beginPasskey")(function* () {
        const { organisation, actor } = yield* Caller
        const known = actor._tag === "Person" ? yield* keys.credentials({ organisation, person: actor.person }) : []
        const options = yield* asProblem(beginPasskey({ organisation, actor }, yield* page, known)).pipe(provide)
        // Members that are not told are undefined in it, which JSON has not.
        return JSON.parse(JSON.stringify(options)) as Readonly<Record<string, unknown>>
      }),
      addPasskey: Effect.fn("approvalKeys.addPasskey")(function* ({ payload }) {
        const { organisation, actor } = yield* Caller
        const { name, response } = payload
        const key = yield* asProblem(passkeyIn({ organisation, actor }, yield* page, { name, response })).pipe(provide)
        return yield* asProblem(keys.add({ organisation, actor, key }))
      }),
      revoke: Effect.fn("approvalKeys.revoke")(function* ({ params }) {
        const caller = yield* Caller
        yield* asProblem(keys.revoke({ ...reachOf(caller), actor: caller.actor, id: params.key }))
      })
    })
  })
)

/** The page of this request; its host was checked before. */
export const page = Effect.gen(function* () {
  const { headers } = yield* HttpServerRequest.HttpServerRequest
  const found = passkeyPage(new URL(`http://${headers["host"] ?? ""}`))
  return found ?? (yield* problem(422, "passkey-address", NO_PASSKEY_THERE))
})

const NO_PASSKEY_THERE =
  "A passkey belongs to a name, and this address is a number. Open the server as http://localhost:PORT. Nothing was changed."

/** Owners and administrators reach everybody's keys, everybody else their own. */
const reachOf = ({ organisation, actor, roles }: CallerIdentity) => ({
  organisation,
  person: isAdministrator(roles) ? ("all" as const) : (personBehind(actor) ?? ("all" as const))
})
