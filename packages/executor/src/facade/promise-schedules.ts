// Schedules as promises.
import { BoundedGrantId, type OrganisationId } from "@fluxcybers/core"
import { type Effect, Schema } from "effect"
import type { RunbookSchedule, ScheduleInput, Schedules } from "../schedules.ts"
import { personOf } from "./actor.ts"

/** A runbook to use again and again. `grant`: from `grants.requestRunbook`, with `repeat`. */
export interface GateScheduleInput extends Omit<ScheduleInput, "organisation" | "actor" | "grant"> {
  /** `person_…`: the proposals are theirs, and so is the grant. */
  readonly by: string
  readonly grant: string
}

/** Runbooks that are used by cron or at intervals, each time under a bounded grant. The gate fires them while it is open. */
export interface GateSchedules {
  add(schedule: GateScheduleInput): Promise<RunbookSchedule>
  /** By name or id; `by`: `person_…`. Nothing fires until it is resumed. */
  pause(schedule: string, by: string): Promise<RunbookSchedule>
  resume(schedule: string, by: string): Promise<RunbookSchedule>
  remove(schedule: string, by: string): Promise<RunbookSchedule>
  /** With its last firings: what each proposed, or why nothing. */
  get(schedule: string): Promise<RunbookSchedule>
  list(): Promise<ReadonlyArray<RunbookSchedule>>
}

interface Opened {
  readonly run: <A, E>(effect: Effect.Effect<A, E>) => Promise<A>
  readonly organisation: OrganisationId
}

const grantId = Schema.decodeSync(BoundedGrantId)

export const promiseSchedules = (schedules: Schedules["Service"], { run, organisation }: Opened): GateSchedules => {
  const change =
    (kind: "pause" | "resume" | "remove"): GateSchedules["pause"] =>
    async (schedule, by) =>
      run(schedules[kind]({ organisation, actor: personOf(by), schedule }))
  return {
    add: async ({ by, grant, ...schedule }) =>
      run(schedules.add({ organisation, actor: personOf(by), grant: grantId(grant), ...schedule })),
    pause: change("pause"),
    resume: change("resume"),
    remove: change("remove"),
    get: (schedule) => run(schedules.get(organisation, schedule)),
    list: () => run(schedules.list(organisation))
  }
}
