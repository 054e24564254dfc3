// What can be refused about a schedule, in sentences.
import { Effect, Schema } from "effect"

/** Nothing was changed. */
export class ScheduleRefused extends Schema.TaggedError<ScheduleRefused>()("ScheduleRefused", {
  reason: Schema.Literals(["invalid", "unknown", "exists", "not-a-person", "grant", "state"]),
  detail: Schema.String
}) {
  override get message() {
    return this.detail
  }
}

export const scheduleRefused = (reason: ScheduleRefused["reason"], detail: string) =>
  Effect.fail(new ScheduleRefused({ reason, detail: `${detail} Nothing was changed.` }))
