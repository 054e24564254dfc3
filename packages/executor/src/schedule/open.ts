// Reading schedules.
import { type OrganisationId, SubjectCipher } from "@fluxcybers/core"
import { Effect, Schema } from "effect"
import { findSchedule, listFirings, type StoredFiring, type StoredSchedule } from "../store/schedules.ts"
import { schedulePlace } from "../store/sealed.ts"
import { scheduleRefused as refused } from "./refusal.ts"
import { type Firing, type RunbookSchedule, ScheduledUse } from "./schedule.ts"

/** Another organisation's is as unknown as one that never was. */
export const knownSchedule = Effect.fnUntraced(function* (organisation: OrganisationId, schedule: string) {
  return (
    (yield* findSchedule(organisation, schedule)) ??
    (yield* refused("unknown", `There is no schedule ${JSON.stringify(schedule)}. List them with "schedule list".`))
  )
})

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(ScheduledUse), { onExcessProperty: "error" })

/** What it fills in. What does not open was altered: a defect where it is shown, a reason not to run where it fires. */
export const openUse = Effect.fnUntraced(function* ({ organisation, id, use }: StoredSchedule) {
  const bytes = yield* (yield* SubjectCipher).open(schedulePlace(organisation, id), use)
  return yield* decode(new TextDecoder().decode(bytes))
})

export const openSchedule = Effect.fnUntraced(function* (row: StoredSchedule) {
  const { id, name, state, owner, runbook, version, timing, missed, overlap } = row
  return {
    ...{ id, name, state, owner, runbook, version, timing, missed, overlap },
    runbookName: row.runbook_name,
    use: yield* Effect.orDie(openUse(row)),
    grant: row.bounded_grant,
    addedAt: row.added_at,
    ...(row.next_at === null ? {} : { nextAt: row.next_at }),
    firings: (yield* listFirings(id)).map(asFiring)
  } satisfies RunbookSchedule
})

const asFiring = ({ instant, fired_at, execution, why, missed }: StoredFiring): Firing => ({
  instant,
  firedAt: fired_at,
  ...(execution === null ? {} : { execution }),
  ...(why === null ? {} : { why }),
  missed
})
