// /api/v1/grants
import { BoundedGrants } from "@fluxcybers/executor"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/api.ts"
import { Caller } from "../api/authentication.ts"
import { asProblem } from "./problem.ts"

const acting = Effect.map(Caller, ({ organisation, actor }) => ({ organisation, actor }))

export const grantHandlers = HttpApiBuilder.group(
  Api,
  "grants",
  Effect.fn(function* (handlers) {
    const grants = yield* BoundedGrants
    return handlers.handleAll({
      request: Effect.fn("grants.request")(function* ({ payload }) {
        return yield* asProblem(grants.request({ ...payload, ...(yield* acting) }))
      }),
      requestRunbook: Effect.fn("grants.requestRunbook")(function* ({ payload }) {
        return yield* asProblem(grants.requestRunbook({ ...payload, ...(yield* acting) }))
      }),
      list: Effect.fn("grants.list")(function* () {
        return yield* grants.list((yield* Caller).organisation)
      }),
      show: Effect.fn("grants.show")(function* ({ params }) {
        return yield* asProblem(grants.get((yield* Caller).organisation, params.id))
      }),
      decide: Effect.fn("grants.decide")(function* ({ params, payload }) {
        return yield* asProblem(grants.decide({ ...payload, ...(yield* acting), id: params.id }))
      }),
      revoke: Effect.fn("grants.revoke")(function* ({ params }) {
        return yield* asProblem(grants.revoke({ ...(yield* acting), id: params.id }))
      })
    })
  })
)
