// Where each sealed value of the executor belongs. A value that is moved to another place does not open.
import {
  type BoundedGrantId,
  type ExecutionId,
  type OrganisationId,
  type PersonId,
  type RunbookId,
  type ScheduleId,
  type SealedPlace,
  SubjectCipher
} from "@fluxcybers/core"
import { Effect } from "effect"

export interface Owned {
  readonly organisation: OrganisationId
  readonly execution: ExecutionId
}

/** What is sealed in an execution: the plan, the bytes for standard input, why it was proposed. */
export const executionPlace = (owned: Owned, column: "plan" | "stdin" | "justification"): SealedPlace => ({
  organisation: owned.organisation,
  table: "executor_executions",
  column,
  row: owned.execution
})

/** Why a person decided so: under their own key, so that it can be erased with them. */
export const reasonPlace = (owned: Owned, person: PersonId): SealedPlace => ({
  organisation: owned.organisation,
  table: "executor_decisions",
  column: "reason",
  row: `${owned.execution}/${person}`,
  subject: person
})

/** What a review found: under the key of whoever closed it. */
export const conclusionPlace = (owned: Owned, person: PersonId): SealedPlace => ({
  organisation: owned.organisation,
  table: "executor_reviews",
  column: "conclusion",
  row: owned.execution,
  subject: person
})

/** What a bounded grant allows. */
export const scopePlace = (organisation: OrganisationId, grant: BoundedGrantId): SealedPlace => ({
  organisation,
  table: "executor_bounded_grants",
  column: "scope",
  row: grant
})

/** What a version of a runbook says. */
export const runbookPlace = (organisation: OrganisationId, runbook: RunbookId, version: number): SealedPlace => ({
  organisation,
  table: "executor_runbook_versions",
  column: "document",
  row: `${runbook}/${version}`
})

/** What a schedule fills in. */
export const schedulePlace = (organisation: OrganisationId, schedule: ScheduleId): SealedPlace => ({
  organisation,
  table: "executor_schedules",
  column: "use",
  row: schedule
})

export const chunkPlace = (owned: Owned, sequence: number): SealedPlace => ({
  organisation: owned.organisation,
  table: "executor_transcript_chunks",
  column: "bytes",
  row: `${owned.execution}/${sequence}`
})

/** Seals bytes, if there are any. */
export const sealOptional = Effect.fnUntraced(function* (place: SealedPlace, bytes: Uint8Array | undefined) {
  if (bytes === undefined) return null
  return yield* (yield* SubjectCipher).seal(place, bytes)
})
