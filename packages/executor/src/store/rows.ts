// The rows of the executor's tables: how they are read, and what the inventory says about each column.
import {
  Actor,
  ApprovalKeyId,
  AuditEntryId,
  BooleanColumn,
  BoundedGrantId,
  BytesColumn,
  column,
  declareTable,
  ExecutionId,
  OrganisationId,
  PersonId,
  Role,
  RunbookId,
  RunId,
  type TableDeclaration,
  TargetId,
  technicalColumn
} from "@fluxcybers/core"
import { Schema } from "effect"
import { Decision, ExecutionState, RunState } from "../execution.ts"
import { Subject } from "../rules/circumstances.ts"
import { Requirement, RuleDocument } from "../rules.ts"
import { history, integer, optionalInteger, optionalText, text } from "./columns.ts"
import { FiringRow, RunbookRow, RunbookVersionRow, ScheduleRow } from "./runbook-rows.ts"

export const TargetRow = Schema.Struct({
  id: technicalColumn(TargetId),
  organisation: technicalColumn(OrganisationId),
  name: text,
  host: text,
  port: integer,
  // An account on a server may be named after a person.
  account: column(Schema.String, { ...history("plain"), retention: "account" }),
  host_key: text,
  revoked_keys: technicalColumn(Schema.NullOr(Schema.fromJsonString(Schema.Array(Schema.String)))),
  credential: text,
  passphrase: optionalText,
  jump: technicalColumn(Schema.NullOr(TargetId)),
  tags: technicalColumn(Schema.fromJsonString(Schema.Array(Schema.String))),
  added_at: text,
  removed_at: optionalText
})
export type TargetRow = typeof TargetRow.Type

export const ExecutionRow = Schema.Struct({
  id: technicalColumn(ExecutionId),
  organisation: technicalColumn(OrganisationId),
  state: technicalColumn(ExecutionState),
  revision: integer,
  digest: text,
  requester: column(Schema.fromJsonString(Actor), history("pseudonymous")),
  requirement: technicalColumn(Schema.fromJsonString(Requirement)),
  /** What the rules looked at; absent in rows of the first schema. */
  subject: column(Schema.NullOr(Schema.fromJsonString(Subject)), history("plain")),
  /** The digest of the rule set that made the requirement. */
  rule_set: optionalText,
  /** The runbook that it was made from. */
  runbook: technicalColumn(Schema.NullOr(RunbookId)),
  proposed_at: text,
  expires_at: text,
  grant_nonce: optionalText,
  claimed_by: optionalText,
  claimed_boot: optionalText,
  cancel_requested_at: optionalText,
  settled_at: optionalText,
  detail: optionalText,
  plan: column(BytesColumn, history("sealed")),
  stdin: column(Schema.NullOr(BytesColumn), history("sealed")),
  /** The requester's reason and ticket. */
  justification: column(Schema.NullOr(BytesColumn), history("sealed"))
})

export const DecisionRow = Schema.Struct({
  execution: technicalColumn(ExecutionId),
  person: column(PersonId, history("pseudonymous")),
  verdict: technicalColumn(Decision.fields.verdict),
  is_self_approved: technicalColumn(BooleanColumn),
  decided_at: text,
  reason: column(Schema.NullOr(BytesColumn), history("sealed", "person")),
  roles: technicalColumn(Schema.fromJsonString(Schema.Array(Role))),
  signed: technicalColumn(Schema.NullOr(Schema.Literals(["passkey", "ssh-key"]))),
  signature_key: technicalColumn(Schema.NullOr(ApprovalKeyId))
})

export const RunRow = Schema.Struct({
  id: technicalColumn(RunId),
  execution: technicalColumn(ExecutionId),
  position: integer,
  /** Grows with every change of any run of the execution: what changed since a look is what has a higher one. */
  revision: integer,
  target: technicalColumn(Schema.NullOr(TargetId)),
  target_name: text,
  state: technicalColumn(RunState),
  /** The node that started it or has taken it over, and which start of that node. */
  claimed_by: optionalText,
  claimed_boot: optionalText,
  started_at: optionalText,
  ended_at: optionalText,
  exit_code: optionalInteger,
  signal: optionalText,
  output_bytes: optionalInteger,
  /** So much of what it wrote, before masking, is in the transcript. */
  stdout_position: integer,
  stderr_position: integer,
  file_bytes: optionalInteger,
  /** A file may be guessed by its digest. */
  file_digest: column(Schema.NullOr(Schema.String), history("hashed")),
  detail: optionalText
})
export type RunRow = typeof RunRow.Type

export const ChunkRow = Schema.Struct({
  execution: technicalColumn(ExecutionId),
  sequence: integer,
  run: technicalColumn(RunId),
  at_ms: integer,
  /** `file`: of the file that the run fetched. */
  stream: technicalColumn(Schema.Literals(["stdout", "stderr", "file"])),
  bytes: column(BytesColumn, history("sealed"))
})
export type ChunkRow = typeof ChunkRow.Type

/** A transcript that nobody reads any more; its chunks go soon after. `entry` is what the log says about it. */
export const TranscriptPurgeRow = Schema.Struct({
  execution: technicalColumn(ExecutionId),
  entry: technicalColumn(AuditEntryId),
  purged_at: text
})

/** A rule set of an organisation in one of its versions; nothing changes it. */
export const RuleSetRow = Schema.Struct({
  organisation: technicalColumn(OrganisationId),
  version: integer,
  digest: text,
  // Rules may name people by their pseudonyms.
  document: column(Schema.fromJsonString(RuleDocument), { ...history("pseudonymous"), retention: "account" }),
  put_by: column(PersonId, { ...history("pseudonymous"), retention: "account" }),
  put_at: text
})

/** What ran because somebody broke the glass, and who looked at it afterwards. */
export const ReviewRow = Schema.Struct({
  execution: technicalColumn(ExecutionId),
  organisation: technicalColumn(OrganisationId),
  opened_by: column(PersonId, history("pseudonymous")),
  opened_at: text,
  due_at: text,
  closed_by: column(Schema.NullOr(PersonId), history("pseudonymous")),
  closed_at: optionalText,
  conclusion: column(Schema.NullOr(BytesColumn), history("sealed", "closed_by"))
})

/** What a requester may run without a further decision; the scope says exactly what. */
export const BoundedGrantRow = Schema.Struct({
  id: technicalColumn(BoundedGrantId),
  organisation: technicalColumn(OrganisationId),
  requester: column(Schema.fromJsonString(Actor), history("pseudonymous")),
  requester_name: column(Schema.String, history("pseudonymous")),
  state: technicalColumn(Schema.Literals(["pending", "active", "rejected", "revoked"])),
  digest: text,
  requirements: technicalColumn(Schema.fromJsonString(Schema.Array(Requirement))),
  rule_set: text,
  uses: integer,
  uses_max: integer,
  requested_at: text,
  expires_at: text,
  scope: column(BytesColumn, history("sealed"))
})

export const BoundedDecisionRow = Schema.Struct({
  bounded_grant: technicalColumn(BoundedGrantId),
  person: column(PersonId, history("pseudonymous")),
  verdict: technicalColumn(Decision.fields.verdict),
  is_self_approved: technicalColumn(BooleanColumn),
  decided_at: text,
  roles: technicalColumn(Schema.fromJsonString(Schema.Array(Role)))
})

/** One command on one target, and the execution that used it up. */
const BoundedCellRow = Schema.Struct({
  bounded_grant: technicalColumn(BoundedGrantId),
  digest: text,
  execution: technicalColumn(Schema.NullOr(ExecutionId))
})

export const NodeRow = Schema.Struct({ node: text, boot: text, started_at: text, heartbeat_at: text })

/** What the executor's tables hold. */
export const executorInventory: ReadonlyArray<TableDeclaration> = [
  declareTable("executor_targets", TargetRow),
  declareTable("executor_executions", ExecutionRow),
  declareTable("executor_decisions", DecisionRow),
  declareTable("executor_runs", RunRow),
  declareTable("executor_transcript_chunks", ChunkRow),
  declareTable("executor_transcript_purges", TranscriptPurgeRow),
  declareTable("executor_rule_sets", RuleSetRow),
  declareTable("executor_reviews", ReviewRow),
  declareTable("executor_bounded_grants", BoundedGrantRow),
  declareTable("executor_bounded_decisions", BoundedDecisionRow),
  declareTable("executor_bounded_cells", BoundedCellRow),
  declareTable("executor_runbooks", RunbookRow),
  declareTable("executor_runbook_versions", RunbookVersionRow),
  declareTable("executor_schedules", ScheduleRow),
  declareTable("executor_firings", FiringRow),
  declareTable("executor_nodes", NodeRow)
]
