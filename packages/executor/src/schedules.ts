// Schedules: runbooks that are used again and again, each time under a bounded grant. The scheduler fires them.
import type { AuditLog, Database, OrganisationId, SubjectCipher } from "@fluxcybers/core"
import { Clock, Context, Effect, Layer, Result, type Scope } from "effect"
import { Changes } from "./changes.ts"
import type { GateServices } from "./gate.ts"
import { instant } from "./instant.ts"
import type { RunbookRefused } from "./runbook/refusal.ts"
import { addSchedule, isoOf, type ScheduleInput } from "./schedule/add.ts"
import { changeSchedule, type ScheduleChange } from "./schedule/change.ts"
import { fireSchedule } from "./schedule/fire.ts"
import { knownSchedule, openSchedule } from "./schedule/open.ts"
import type { ScheduleRefused } from "./schedule/refusal.ts"
import type { RunbookSchedule } from "./schedule/schedule.ts"
import { ticksOf } from "./schedule/timing.ts"
import { dueSchedules, listSchedules } from "./store/schedules.ts"

export type { ScheduleInput } from "./schedule/add.ts"
export type { ScheduleChange } from "./schedule/change.ts"
export { ScheduleRefused } from "./schedule/refusal.ts"
export { Firing, Missed, Overlap, RunbookSchedule, ScheduledUse } from "./schedule/schedule.ts"
export { CronTiming, EveryTiming, Timing } from "./schedule/timing.ts"

type Services = Database | AuditLog | SubjectCipher

/** Coming instants that can be asked for at once. */
const NEXT_MAX = 100

/**
 * Audit entries: `schedule.added`, `.paused`, `.resumed`, `.removed`; and from the scheduler `.skipped`, which says why. What a firing
 * proposes is an `execution.proposed` of whoever added the schedule, which names the schedule and the instant. Who may add, change or
 * look is the caller's to check (`authorization.ts`); only a person can add or change.
 */
export class Schedules extends Context.Service<
  Schedules,
  {
    add(input: ScheduleInput): Effect.Effect<RunbookSchedule, ScheduleRefused | RunbookRefused>
    /** Nothing fires until it is resumed. */
    pause(input: ScheduleChange): Effect.Effect<RunbookSchedule, ScheduleRefused>
    /** It fires at its next instant from now; what passed meanwhile is not made up for. */
    resume(input: ScheduleChange): Effect.Effect<RunbookSchedule, ScheduleRefused>
    /** It never fires again, and its name is free; what it proposed goes on. */
    remove(input: ScheduleChange): Effect.Effect<RunbookSchedule, ScheduleRefused>
    /** By name or id, with its last firings. */
    get(organisation: OrganisationId, schedule: string): Effect.Effect<RunbookSchedule, ScheduleRefused>
    /** Those that are not removed, in order of name: at most 1,000. */
    list(organisation: OrganisationId): Effect.Effect<ReadonlyArray<RunbookSchedule>>
    /** The instants that come next, at most 100; none while it is not active. */
    next(
      organisation: OrganisationId,
      schedule: string,
      count: number
    ): Effect.Effect<ReadonlyArray<string>, ScheduleRefused>
  }
>()("fluxcybers/executor/Schedules") {
  static readonly layer: Layer.Layer<Schedules, never, Services> = Layer.effect(
    Schedules,
    Effect.map(Effect.context<Services>(), (context) => {
      const provide = Effect.provideContext(context)
      const get = (organisation: OrganisationId, schedule: string) =>
        Effect.flatMap(knownSchedule(organisation, schedule), openSchedule)
      const change = (kind: Parameters<typeof changeSchedule>[0]) => (input: ScheduleChange) =>
        changeSchedule(kind, input).pipe(
          Effect.flatMap((id) => get(input.organisation, id)),
          provide
        )
      return Schedules.of({
        add: (input) =>
          addSchedule(input).pipe(
            Effect.flatMap((id) => get(input.organisation, id)),
            provide
          ),
        pause: change("pause"),
        resume: change("resume"),
        remove: change("remove"),
        get: (organisation, schedule) => get(organisation, schedule).pipe(provide),
        list: (organisation) => listSchedules(organisation).pipe(Effect.flatMap(Effect.forEach(openSchedule)), provide),
        next: (organisation, schedule, count) => nextInstants(organisation, schedule, count).pipe(provide)
      })
    })
  )
}

const nextInstants = Effect.fnUntraced(function* (organisation: OrganisationId, name: string, count: number) {
  const { timing, added_at, next_at } = yield* knownSchedule(organisation, name)
  if (next_at === null) return []
  const ticks = Result.getOrThrow(ticksOf(timing, Date.parse(added_at)))
  const instants: Array<number> = []
  let at = Math.max(Date.parse(next_at), ticks.after(yield* Clock.currentTimeMillis))
  while (instants.length < Math.min(Math.max(count, 1), NEXT_MAX)) {
    instants.push(at)
    at = ticks.after(at)
  }
  return instants.map(isoOf)
})

/** Settings of the scheduler. */
export interface SchedulerSettings {
  /** How often to look for what is due: every second unless told. */
  readonly lookEveryMs: number
}

/** Schedules that are fired in one look; the rest comes with the next. */
const DUE_A_LOOK = 100

/** Fires schedules for as long as its layer's scope is open. Any number of them may work on one database. */
export class Scheduler extends Context.Service<
  Scheduler,
  {
    /** Fires what is due now. The layer does so by itself; for hosts that keep their own time. */
    readonly look: Effect.Effect<void>
  }
>()("fluxcybers/executor/Scheduler") {
  static readonly layer = (settings: Partial<SchedulerSettings> = {}): Layer.Layer<Scheduler, never, GateServices> =>
    Layer.effect(Scheduler, start(settings)).pipe(Layer.provide(Changes.layer))
}

const LOOK_EVERY_MS = 1_000

const start = Effect.fnUntraced(function* ({
  lookEveryMs = LOOK_EVERY_MS
}: Partial<SchedulerSettings>): Effect.fn.Return<Scheduler["Service"], never, GateServices | Changes | Scope.Scope> {
  const context = yield* Effect.context<GateServices | Changes>()
  const once = look.pipe(Effect.provideContext(context))
  const careful = Effect.catchCause(once, (cause) => Effect.logError("Schedules could not be looked at.", cause))
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(careful, Effect.sleep(lookEveryMs))))
  return Scheduler.of({ look: once })
})

/** One that cannot be fired does not hinder the others; the next look tries it again. */
const look = Effect.gen(function* () {
  for (const schedule of yield* dueSchedules(yield* instant(), DUE_A_LOOK)) {
    yield* fireSchedule(schedule).pipe(
      Effect.catchCause((cause) => Effect.logError("A schedule could not be fired.", { schedule: schedule.id }, cause))
    )
  }
})
