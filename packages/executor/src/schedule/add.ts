// Adding a schedule: what it would propose is filled in once, and its grant looked at, so that mistakes are found now and not at night.
import {
  type Actor,
  AuditLog,
  actorName,
  type BoundedGrantId,
  Database,
  newId,
  type OrganisationId,
  ScheduleId,
  SubjectCipher
} from "@fluxcybers/core"
import { Clock, DateTime, Effect, Result } from "effect"
import { fillRunbook } from "../runbook/use.ts"
import { findBoundedGrant } from "../store/bounded-grants.ts"
import { insertSchedule, type StoredSchedule } from "../store/schedules.ts"
import { schedulePlace } from "../store/sealed.ts"
import { scheduleRefused as refused } from "./refusal.ts"
import type { RunbookSchedule, ScheduledUse } from "./schedule.ts"
import { ticksOf } from "./timing.ts"

/** A runbook to use again and again. */
export interface ScheduleInput
  extends Pick<RunbookSchedule, "name" | "timing">,
    Partial<Pick<RunbookSchedule, "missed" | "overlap">> {
  readonly organisation: OrganisationId
  /** A person: the proposals are theirs. */
  readonly actor: Actor
  /** Name or id. */
  readonly runbook: string
  /** The newest of now, unless told. It stays this version. */
  readonly version?: number
  readonly use?: ScheduledUse
  /** A bounded grant of the same person. It may still wait for its decision. */
  readonly grant: BoundedGrantId
}

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/
const NAME_LENGTH_MAX = 64

export const addSchedule = Effect.fn("Schedules.add")(function* (input: ScheduleInput) {
  const { organisation, actor, name, timing, missed = "skip", overlap = "skip", use = {} } = input
  if (actor._tag !== "Person") return yield* refused("not-a-person", "Only a person can add a schedule.")
  if (!NAME.test(name) || name.length > NAME_LENGTH_MAX) return yield* refused("invalid", NAME_RULE)
  const nowMs = yield* Clock.currentTimeMillis
  const ticks = ticksOf(timing, nowMs)
  if (Result.isFailure(ticks)) return yield* refused("invalid", ticks.failure)
  const { runbook } = yield* fillRunbook(organisation, { ...use, runbook: input.runbook, ...versionOf(input) })
  yield* usableGrant(input)
  const id = yield* newId(ScheduleId, "schedule")
  const bytes = new TextEncoder().encode(JSON.stringify(use))
  const row: StoredSchedule = {
    ...{ id, organisation, name, timing, missed, overlap },
    state: "active",
    owner: actor.person,
    runbook: runbook.id,
    runbook_name: runbook.name,
    version: runbook.version,
    use: yield* (yield* SubjectCipher).seal(schedulePlace(organisation, id), bytes),
    bounded_grant: input.grant,
    added_at: isoOf(nowMs),
    next_at: isoOf(ticks.success.after(nowMs))
  }
  const isAdded = yield* (yield* Database).transaction(
    Effect.tap(insertSchedule(row), (isNew) => (isNew ? recordAdded(row, actor) : Effect.void))
  )
  return isAdded ? id : yield* refused("exists", `There is a schedule "${name}" already.`)
})

const NAME_RULE = `A schedule is named with lower-case words like "nightly-report", at most ${NAME_LENGTH_MAX} characters.`

const versionOf = ({ version }: ScheduleInput) => (version === undefined ? {} : { version })

/** An instant as rows hold it. */
export const isoOf = (instantMs: number): string => DateTime.formatIso(DateTime.makeUnsafe(instantMs))

const usableGrant = Effect.fnUntraced(function* ({ organisation, actor, grant: id }: ScheduleInput) {
  const grant = yield* findBoundedGrant(organisation, id)
  if (grant === undefined) return yield* refused("grant", `There is no bounded grant ${id}.`)
  if (grant.requester_name !== actorName(actor))
    return yield* refused("grant", `The bounded grant ${id} is somebody else's.`)
  if (grant.state === "rejected" || grant.state === "revoked") {
    return yield* refused("grant", `The bounded grant ${id} is ${grant.state}.`)
  }
})

const recordAdded = Effect.fnUntraced(function* (row: StoredSchedule, actor: Actor) {
  const { organisation, id, name, runbook, runbook_name, version, bounded_grant, timing, missed, overlap } = row
  const when = timing._tag === "Cron" ? `${timing.expression} ${timing.zone}` : `every ${timing.everyMs} ms`
  yield* (yield* AuditLog).record({
    ...{ organisation, actor, action: "schedule.added", object: id, outcome: "success" as const },
    facts: {
      name,
      runbook,
      runbookVersion: `${runbook_name}@${version}`,
      boundedGrant: bounded_grant,
      when,
      missed,
      overlap
    }
  })
})
