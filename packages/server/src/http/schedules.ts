// /api/v1/schedules
import { Schedules } from "@fluxcybers/executor"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/api.ts"
import { Caller } from "../api/authentication.ts"
import { asProblem } from "./problem.ts"

const acting = Effect.map(Caller, ({ organisation, actor }) => ({ organisation, actor }))

const INSTANTS = 5

export const scheduleHandlers = HttpApiBuilder.group(
  Api,
  "schedules",
  Effect.fn(function* (handlers) {
    const schedules = yield* Schedules
    return handlers.handleAll({
      list: Effect.fn("schedules.list")(function* () {
        return yield* schedules.list((yield* Caller).organisation)
      }),
      add: Effect.fn("schedules.add")(function* ({ payload }) {
        return yield* asProblem(schedules.add({ ...payload, ...(yield* acting) }))
      }),
      show: Effect.fn("schedules.show")(function* ({ params }) {
        return yield* asProblem(schedules.get((yield* Caller).organisation, params.schedule))
      }),
      next: Effect.fn("schedules.next")(function* ({ params, query }) {
        const { organisation } = yield* Caller
        const instants = yield* asProblem(schedules.next(organisation, params.schedule, query.count ?? INSTANTS))
        return { instants }
      }),
      pause: Effect.fn("schedules.pause")(function* ({ params }) {
        return yield* asProblem(schedules.pause({ ...(yield* acting), ...params }))
      }),
      resume: Effect.fn("schedules.resume")(function* ({ params }) {
        return yield* asProblem(schedules.resume({ ...(yield* acting), ...params }))
      }),
      remove: Effect.fn("schedules.remove")(function* ({ params }) {
        return yield* asProblem(schedules.remove({ ...(yield* acting), ...params }))
      })
    })
  })
)
