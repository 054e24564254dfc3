// /api/v1/transcripts
import { TranscriptSearch } from "@fluxcybers/executor"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/api.ts"
import { Caller } from "../api/authentication.ts"
import { TranscriptPeriod } from "../data/transcript-period.ts"
import { asProblem } from "./problem.ts"

export const transcriptHandlers = HttpApiBuilder.group(
  Api,
  "transcripts",
  Effect.fn(function* (handlers) {
    const period = yield* TranscriptPeriod
    const { search } = yield* TranscriptSearch
    return handlers.handleAll({
      search: Effect.fn("transcripts.search")(function* ({ payload }) {
        const { organisation, actor } = yield* Caller
        return yield* search({ ...payload, organisation, actor })
      }),
      retention: Effect.fn("transcripts.retention")(function* () {
        return { days: period.days, due: yield* period.plan((yield* Caller).organisation) }
      }),
      purge: Effect.fn("transcripts.purge")(function* ({ payload: { dryRun = false } }) {
        const { organisation, actor } = yield* Caller
        return yield* dryRun ? period.plan(organisation) : asProblem(period.purge({ organisation, actor }))
      })
    })
  })
)
