// /api/v1/runbooks
import { Gate, Runbooks } from "@fluxcybers/executor"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/api.ts"
import { Caller } from "../api/authentication.ts"
import { asProblem } from "./problem.ts"
import { proposedOnce } from "./proposed-once.ts"

const acting = Effect.map(Caller, ({ organisation, actor }) => ({ organisation, actor }))

export const runbookHandlers = HttpApiBuilder.group(
  Api,
  "runbooks",
  Effect.fn(function* (handlers) {
    const runbooks = yield* Runbooks
    const gate = yield* Gate
    const once = yield* proposedOnce
    return handlers.handleAll({
      list: Effect.fn("runbooks.list")(function* ({ query }) {
        return yield* runbooks.list((yield* Caller).organisation, { withRetired: query.all === "true" })
      }),
      put: Effect.fn("runbooks.put")(function* ({ payload }) {
        return yield* asProblem(runbooks.put({ ...payload, ...(yield* acting) }))
      }),
      show: Effect.fn("runbooks.show")(function* ({ params, query }) {
        return yield* asProblem(runbooks.get((yield* Caller).organisation, params.runbook, query.version))
      }),
      history: Effect.fn("runbooks.history")(function* ({ params }) {
        return yield* asProblem(runbooks.history((yield* Caller).organisation, params.runbook))
      }),
      use: Effect.fn("runbooks.use")(function* ({ params, payload, headers }) {
        const use = { ...payload, runbook: params.runbook }
        const propose = gate.useRunbook({ ...use, ...(yield* acting) })
        return yield* once({ key: headers["idempotency-key"], body: JSON.stringify(use) }, propose)
      }),
      retire: Effect.fn("runbooks.retire")(function* ({ params }) {
        return yield* asProblem(runbooks.retire({ ...(yield* acting), ...params }))
      })
    })
  })
)
