// /api/v1/schedules
import { BoundedGrantId } from "@fluxcybers/core"
import { Missed, Overlap, RunbookSchedule, ScheduledUse, Timing } from "@fluxcybers/executor"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Authentication, Problems } from "./authentication.ts"
import { between, created } from "./limits.ts"
import { problems } from "./problem.ts"

/** Name or id. */
const params = { schedule: Schema.String }

const INSTANTS_MAX = 100

const Instants = Schema.Struct({ instants: Schema.Array(Schema.String) }).annotate({ identifier: "ScheduleInstants" })

export class SchedulesApi extends HttpApiGroup.make("schedules")
  .add(
    HttpApiEndpoint.get("list", "/", { success: Schema.Array(RunbookSchedule), error: problems }).annotate(
      OpenApi.Summary,
      "Schedules that are not removed, in order of name"
    )
  )
  .add(
    HttpApiEndpoint.post("add", "/", {
      payload: Schema.Struct({
        name: Schema.String,
        runbook: Schema.String,
        version: Schema.optionalKey(Schema.Int),
        use: Schema.optionalKey(ScheduledUse),
        grant: BoundedGrantId,
        timing: Timing,
        missed: Schema.optionalKey(Missed),
        overlap: Schema.optionalKey(Overlap)
      }),
      success: RunbookSchedule.pipe(created),
      error: problems
    }).annotate(OpenApi.Summary, "Use a runbook again and again, each time under this bounded grant of yours")
  )
  .add(
    HttpApiEndpoint.get("show", "/:schedule", { params, success: RunbookSchedule, error: problems }).annotate(
      OpenApi.Summary,
      "One schedule by name or id, with its last firings"
    )
  )
  .add(
    HttpApiEndpoint.get("next", "/:schedule/next", {
      params,
      query: { count: Schema.optionalKey(Schema.NumberFromString.check(Schema.isInt(), between(1, INSTANTS_MAX))) },
      success: Instants,
      error: problems
    }).annotate(OpenApi.Summary, "The instants that come next; none while it is not active")
  )
  .add(
    HttpApiEndpoint.post("pause", "/:schedule/pause", { params, success: RunbookSchedule, error: problems }).annotate(
      OpenApi.Summary,
      "Pause a schedule: nothing fires until it is resumed"
    )
  )
  .add(
    HttpApiEndpoint.post("resume", "/:schedule/resume", { params, success: RunbookSchedule, error: problems }).annotate(
      OpenApi.Summary,
      "Resume a schedule at its next instant; what passed meanwhile is not made up for"
    )
  )
  .add(
    HttpApiEndpoint.delete("remove", "/:schedule", { params, success: RunbookSchedule, error: problems }).annotate(
      OpenApi.Summary,
      "Remove a schedule: it never fires again, and what it proposed goes on"
    )
  )
  .middleware(Authentication)
  .middleware(Problems)
  .prefix("/api/v1/schedules") {}
