// /api/v1/audit/retention and /api/v1/audit/holds
import { AuditRetention } from "@fluxcybers/core"
import { DateTime, Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/api.ts"
import { Caller } from "../api/authentication.ts"
import { LogRetention } from "../data/log-retention.ts"
import { asProblem, problem } from "./problem.ts"

export const retentionHandlers = HttpApiBuilder.group(
  Api,
  "retention",
  Effect.fn(function* (handlers) {
    const period = yield* LogRetention
    const retention = yield* AuditRetention
    return handlers.handleAll({
      status: () => Effect.map(period.plan, (due) => ({ days: period.days, due })),
      purge: Effect.fn("retention.purge")(function* ({ payload: { dryRun = false } }) {
        return yield* dryRun ? period.plan : asProblem(period.purge(yield* acting))
      }),
      holds: () => Effect.flatMap(acting, ({ organisation }) => retention.holds(organisation)),
      hold: Effect.fn("retention.hold")(function* ({ payload: { until, ...hold } }) {
        const end = until === undefined ? {} : { until: DateTime.makeUnsafe(until) }
        return { id: yield* retention.hold({ ...(yield* acting), ...hold, ...end }) }
      }),
      release: Effect.fn("retention.release")(function* ({ params }) {
        if (!(yield* retention.release({ ...(yield* acting), ...params }))) return yield* NO_SUCH_HOLD
      })
    })
  })
)

const NO_SUCH_HOLD = problem(404, "audit-hold-unknown", "There is no such hold. Nothing was changed.")

const acting = Effect.map(Caller, ({ organisation, actor }) => ({ organisation, actor }))
