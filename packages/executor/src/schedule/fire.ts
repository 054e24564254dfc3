// One firing of a schedule. Its claim and what becomes of it (an execution, or a sentence that says why there is none) are one transaction:
// however many nodes look and whenever one dies, each instant is fired once, or later, or said to be missed.
import { ACTIONS, AuditLog, Database, type ExecutionId, PersonActor, type Role, SystemActor } from "@fluxcybers/core"
import { Clock, Effect, Result } from "effect"
import { proposeUnder } from "../gate/propose-under.ts"
import { Members } from "../ports.ts"
import { fillRunbook } from "../runbook/use.ts"
import {
  advanceSchedule,
  deleteFirings,
  hasOpenExecution,
  insertFiring,
  type StoredFiring,
  type StoredSchedule
} from "../store/schedules.ts"
import { isoOf } from "./add.ts"
import { type Due, dueOf } from "./due.ts"
import { openUse } from "./open.ts"
import { ticksOf } from "./timing.ts"

const SCHEDULER = new SystemActor({ component: "scheduler" })

/** Firings are shown for so long; the log has them as long as it has anything. */
const FIRINGS_KEPT_MS = 90 * 24 * 60 * 60 * 1_000

/** Fires what is due, and goes on to the next instant. Nothing, when another node was faster. */
export const fireSchedule = Effect.fn("Scheduler.fire")(function* (schedule: StoredSchedule) {
  const nowMs = yield* Clock.currentTimeMillis
  const ticks = Result.getOrThrow(ticksOf(schedule.timing, Date.parse(schedule.added_at)))
  const due = dueOf(ticks, { nextMs: Date.parse(schedule.next_at!), nowMs, missed: schedule.missed })
  if (due.isMissed) return yield* skip(schedule, due, MISSED)
  if (schedule.overlap === "skip" && (yield* hasOpenExecution(schedule.id))) return yield* skip(schedule, due, OVERLAP)
  if (!(yield* mayPropose(schedule))) return yield* skip(schedule, due, NO_MEMBER)
  yield* proposed(schedule, due).pipe(
    Effect.catchTags({
      FiringTaken: () => Effect.void,
      Uncovered: ({ why }) => skip(schedule, due, why),
      ProposalRefused: (refused) =>
        skip(schedule, due, refused.reason === "invalid-input" ? BAD_INPUT : refused.detail),
      RunbookRefused: ({ detail }) => skip(schedule, due, detail),
      CipherFailed: () => skip(schedule, due, "what it fills in does not open: its key is gone, or it was altered"),
      SchemaError: () => skip(schedule, due, "what it fills in is not in the form that this release writes")
    })
  )
})

const MISSED = "its time passed while no server looked"
const OVERLAP = "what it proposed before has not ended"
const NO_MEMBER = "whoever added it is no longer a member who may propose"
/** Why exactly is not kept in the clear: it would repeat what was filled in. */
const BAD_INPUT = "its executor does not take what the runbook fills in"

const mayPropose = Effect.fnUntraced(function* ({ organisation, owner }: StoredSchedule) {
  const members = yield* (yield* Members).list(organisation)
  const allowed: ReadonlyArray<Role> = ACTIONS["execution.propose"].roles
  return members.some(({ person, roles }) => person === owner && roles.some((role) => allowed.includes(role)))
})

const proposed = Effect.fnUntraced(function* (schedule: StoredSchedule, due: Due) {
  const { organisation, owner, runbook: id, version, bounded_grant: grant } = schedule
  const { reason, ticket, ...use } = yield* openUse(schedule)
  const { runbook, ...filled } = yield* fillRunbook(organisation, { ...use, runbook: id, version })
  const proposal = {
    ...filled,
    organisation,
    actor: new PersonActor({ person: owner }),
    ...(reason === undefined ? {} : { reason }),
    ...(ticket === undefined ? {} : { ticket })
  }
  const instant = isoOf(due.instantMs)
  const claim = (execution: ExecutionId) => claimFiring(schedule, due, { execution, why: null })
  yield* proposeUnder(proposal, { runbook, grant, schedule: { schedule: schedule.id, instant, claim } })
})

/** Call it inside the transaction of what becomes of it. False when another node was faster. */
const claimFiring = Effect.fnUntraced(function* (
  schedule: StoredSchedule,
  due: Due,
  outcome: Pick<StoredFiring, "execution" | "why">
) {
  if (!(yield* advanceSchedule(schedule, isoOf(due.nextMs)))) return false
  const nowMs = yield* Clock.currentTimeMillis
  yield* deleteFirings(schedule.id, isoOf(nowMs - FIRINGS_KEPT_MS))
  const firing = { schedule: schedule.id, instant: isoOf(due.instantMs), fired_at: isoOf(nowMs), missed: due.missed }
  return yield* insertFiring({ ...firing, ...outcome })
})

const skip = Effect.fnUntraced(function* (schedule: StoredSchedule, due: Due, why: string) {
  yield* (yield* Database).transaction(
    Effect.gen(function* () {
      if (!(yield* claimFiring(schedule, due, { execution: null, why }))) return
      yield* (yield* AuditLog).record({
        organisation: schedule.organisation,
        actor: SCHEDULER,
        action: "schedule.skipped",
        object: schedule.id,
        outcome: "failure",
        facts: { name: schedule.name, firing: isoOf(due.instantMs), why, missed: due.missed }
      })
    })
  )
})
