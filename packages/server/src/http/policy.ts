// /api/v1/policy
import { Policies, Reviews, Targets } from "@fluxcybers/executor"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/api.ts"
import { Caller } from "../api/authentication.ts"
import { asProblem } from "./problem.ts"

export const policyHandlers = HttpApiBuilder.group(
  Api,
  "policy",
  Effect.fn(function* (handlers) {
    const policies = yield* Policies
    const reviews = yield* Reviews
    const targets = yield* Targets
    return handlers.handleAll({
      current: Effect.fn("policy.current")(function* () {
        return yield* policies.current((yield* Caller).organisation)
      }),
      put: Effect.fn("policy.put")(function* ({ payload }) {
        const { organisation, actor } = yield* Caller
        return yield* asProblem(policies.put({ ...payload, organisation, actor }))
      }),
      history: Effect.fn("policy.history")(function* () {
        return yield* policies.history((yield* Caller).organisation)
      }),
      version: Effect.fn("policy.version")(function* ({ params }) {
        return yield* asProblem(policies.version((yield* Caller).organisation, params.version))
      }),
      simulate: Effect.fn("policy.simulate")(function* ({ payload }) {
        return yield* asProblem(policies.simulate((yield* Caller).organisation, payload.document))
      }),
      explain: Effect.fn("policy.explain")(function* ({ payload: { executor, access, targets: names } }) {
        const { organisation, actor } = yield* Caller
        const found = yield* asProblem(Effect.forEach(names, (name) => targets.get(organisation, name)))
        return yield* policies.explain({ organisation, actor, subject: { executor, access, targets: found } })
      }),
      explainExecution: Effect.fn("policy.explainExecution")(function* ({ params }) {
        return yield* asProblem(policies.explainExecution((yield* Caller).organisation, params.id))
      }),
      reviews: Effect.fn("policy.reviews")(function* ({ query }) {
        return yield* reviews.list((yield* Caller).organisation, query.all === "true")
      }),
      closeReview: Effect.fn("policy.closeReview")(function* ({ params, payload }) {
        const { organisation, actor } = yield* Caller
        return yield* asProblem(reviews.close({ organisation, actor, execution: params.id, ...payload }))
      })
    })
  })
)
