// The rows of runbooks and schedules.
import {
  BoundedGrantId,
  BytesColumn,
  column,
  ExecutionId,
  OrganisationId,
  PersonId,
  RunbookId,
  ScheduleId,
  technicalColumn
} from "@fluxcybers/core"
import { Schema } from "effect"
import { Missed, Overlap, RunbookSchedule } from "../schedule/schedule.ts"
import { Timing } from "../schedule/timing.ts"
import { history, integer, optionalText, text } from "./columns.ts"

/** A runbook as it is known by its name; its newest version is in force. */
export const RunbookRow = Schema.Struct({
  id: technicalColumn(RunbookId),
  organisation: technicalColumn(OrganisationId),
  name: text,
  version: integer,
  created_at: text,
  retired_at: optionalText
})

/** A version of a runbook; nothing changes it. */
export const RunbookVersionRow = Schema.Struct({
  runbook: technicalColumn(RunbookId),
  version: integer,
  digest: text,
  document: column(BytesColumn, { ...history("sealed"), retention: "account" }),
  put_by: column(PersonId, { ...history("pseudonymous"), retention: "account" }),
  put_at: text
})

export const ScheduleRow = Schema.Struct({
  id: technicalColumn(ScheduleId),
  organisation: technicalColumn(OrganisationId),
  name: text,
  state: technicalColumn(RunbookSchedule.fields.state),
  owner: column(PersonId, { ...history("pseudonymous"), retention: "account" }),
  runbook: technicalColumn(RunbookId),
  runbook_name: text,
  version: integer,
  /** What is filled in, and why it is proposed. */
  use: column(BytesColumn, { ...history("sealed"), retention: "account" }),
  bounded_grant: technicalColumn(BoundedGrantId),
  timing: technicalColumn(Schema.fromJsonString(Timing)),
  missed: technicalColumn(Missed),
  overlap: technicalColumn(Overlap),
  added_at: text,
  next_at: optionalText
})

/** One row for each instant of a schedule, whichever node fired it. */
export const FiringRow = Schema.Struct({
  schedule: technicalColumn(ScheduleId),
  instant: text,
  fired_at: text,
  execution: technicalColumn(Schema.NullOr(ExecutionId)),
  why: optionalText,
  missed: integer
})
