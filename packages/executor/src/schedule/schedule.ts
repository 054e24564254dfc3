// A schedule, and what became of its firings.
import { BoundedGrantId, ExecutionId, PersonId, RunbookId, ScheduleId } from "@fluxcybers/core"
import { Schema } from "effect"
import { Rollout } from "../plan.ts"
import { Timing } from "./timing.ts"

/** What is filled into the runbook each time, and why it is proposed. */
export const ScheduledUse = Schema.Struct({
  parameters: Schema.optionalKey(Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Finite]))),
  /** Selectors, resolved at each firing, instead of those that the runbook names. */
  targets: Schema.optionalKey(Schema.Array(Schema.String)),
  rollout: Schema.optionalKey(Rollout),
  reason: Schema.optionalKey(Schema.String),
  ticket: Schema.optionalKey(Schema.String)
})
export type ScheduledUse = typeof ScheduledUse.Type

/** What to do about a firing whose time passed while no server looked: nothing, or one (the last) as soon as one looks again. */
export const Missed = Schema.Literals(["skip", "once"])
/** What to do while the last execution has not ended: skip the firing, or propose it all the same. */
export const Overlap = Schema.Literals(["skip", "allow"])

/** One firing: the execution that it proposed, or why it proposed none. */
export const Firing = Schema.Struct({
  /** For when it was. */
  instant: Schema.String,
  firedAt: Schema.String,
  execution: Schema.optionalKey(ExecutionId),
  why: Schema.optionalKey(Schema.String),
  /** Earlier ones that were missed, and are not made up for: at most 1,000 are counted. */
  missed: Schema.Int
}).annotate({ identifier: "Firing" })
export type Firing = typeof Firing.Type

/** A runbook that is used again and again, under a bounded grant. */
export const RunbookSchedule = Schema.Struct({
  id: ScheduleId,
  name: Schema.String,
  state: Schema.Literals(["active", "paused", "removed"]),
  /** Whose proposals these are: whoever added it. The grant is theirs too. */
  owner: PersonId,
  runbook: RunbookId,
  runbookName: Schema.String,
  version: Schema.Int,
  use: ScheduledUse,
  grant: BoundedGrantId,
  timing: Timing,
  missed: Missed,
  overlap: Overlap,
  addedAt: Schema.String,
  /** Absent while it is paused or removed. */
  nextAt: Schema.optionalKey(Schema.String),
  /** Newest first; at most 20. */
  firings: Schema.Array(Firing)
}).annotate({ identifier: "RunbookSchedule" })
export type RunbookSchedule = typeof RunbookSchedule.Type
