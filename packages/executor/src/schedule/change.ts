// Pausing, resuming and removing a schedule.
import { type Actor, AuditLog, Database, type OrganisationId } from "@fluxcybers/core"
import { Clock, Effect, Result } from "effect"
import { moveSchedule, type StoredSchedule } from "../store/schedules.ts"
import { isoOf } from "./add.ts"
import { knownSchedule } from "./open.ts"
import { scheduleRefused as refused } from "./refusal.ts"
import { ticksOf } from "./timing.ts"

/** Which schedule, and who changes it. */
export interface ScheduleChange {
  readonly organisation: OrganisationId
  readonly actor: Actor
  /** Name or id. */
  readonly schedule: string
}

const CHANGES = {
  pause: { from: ["active"], to: "paused", action: "schedule.paused" },
  resume: { from: ["paused"], to: "active", action: "schedule.resumed" },
  remove: { from: ["active", "paused"], to: "removed", action: "schedule.removed" }
} as const

/** What has been proposed goes on. A schedule that is resumed fires at its next instant from now: what it missed is not made up for. */
export const changeSchedule = Effect.fn("Schedules.change")(function* (
  kind: keyof typeof CHANGES,
  { organisation, actor, schedule: name }: ScheduleChange
) {
  if (actor._tag !== "Person") return yield* refused("not-a-person", "Only a person can change a schedule.")
  const schedule = yield* knownSchedule(organisation, name)
  const { from, to, action } = CHANGES[kind]
  const states: ReadonlyArray<StoredSchedule["state"]> = from
  const nextAt = to === "active" ? yield* nextFromNow(schedule) : null
  const isMoved =
    states.includes(schedule.state) &&
    (yield* (yield* Database).transaction(
      Effect.tap(moveSchedule({ id: schedule.id, from: schedule.state, to, nextAt }), (moved) =>
        moved ? record(schedule, actor, action) : Effect.void
      )
    ))
  return isMoved ? schedule.id : yield* refused("state", `The schedule "${schedule.name}" is ${schedule.state}.`)
})

const nextFromNow = Effect.fnUntraced(function* ({ timing, added_at }: StoredSchedule) {
  const ticks = Result.getOrThrow(ticksOf(timing, Date.parse(added_at)))
  return isoOf(ticks.after(yield* Clock.currentTimeMillis))
})

const record = Effect.fnUntraced(function* ({ organisation, id, name }: StoredSchedule, actor: Actor, action: string) {
  yield* (yield* AuditLog).record({ organisation, actor, action, object: id, outcome: "success", facts: { name } })
})
