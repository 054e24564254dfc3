// Reading executions: the header (everything in the clear), and the whole with its plan opened.
import {
  actorName,
  type CipherFailed,
  Database,
  type ExecutionId,
  type OrganisationId,
  orStorageFailure,
  type RunId,
  SubjectCipher
} from "@fluxcybers/core"
import { Effect, Schema } from "effect"
import { decodePlan } from "../digest.ts"
import type { Decision, Execution, ExecutionState, Run, RunOutcome } from "../execution.ts"
import { Justification } from "../justification.ts"
import type { Plan } from "../plan.ts"
import { DecisionRow, ExecutionRow, RunRow } from "./rows.ts"
import { executionPlace, reasonPlace } from "./sealed.ts"

/** What is sealed, and what only rules look at: the tags of a thousand targets need not be read at every look. */
const { plan: _plan, stdin: _stdin, justification: _justification, subject: _subject, ...clear } = ExecutionRow.fields

/** An execution without those. */
export const Header = Schema.Struct(clear)
export type Header = typeof Header.Type

export const HEADER_COLUMNS = Object.keys(clear).join(", ")

export const decodeHeaders = (rows: ReadonlyArray<object>) =>
  Effect.orDie(Schema.decodeUnknownEffect(Schema.Array(Header))(rows))

export const findHeader = Effect.fnUntraced(function* (id: ExecutionId) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT ${sql.literal(HEADER_COLUMNS)} FROM executor_executions WHERE id = ${id}`
  return (yield* decodeHeaders(rows))[0]
}, orStorageFailure)

export interface HeaderFilter {
  readonly organisation: OrganisationId
  readonly state: ExecutionState | undefined
  readonly before: ExecutionId | undefined
  readonly limit: number
}

/** Newest first. */
export const listHeaders = Effect.fnUntraced(function* (filter: HeaderFilter) {
  const { sql } = yield* Database
  const conditions = [
    sql`organisation = ${filter.organisation}`,
    ...(filter.state === undefined ? [] : [sql`state = ${filter.state}`]),
    ...(filter.before === undefined ? [] : [sql`id < ${filter.before}`])
  ]
  const rows = yield* sql`SELECT ${sql.literal(HEADER_COLUMNS)} FROM executor_executions
    WHERE ${sql.and(conditions)} ORDER BY id DESC LIMIT ${filter.limit}`
  return yield* decodeHeaders(rows)
}, orStorageFailure)

export const findRuns = Effect.fnUntraced(function* (execution: ExecutionId) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT * FROM executor_runs WHERE execution = ${execution} ORDER BY position`
  return yield* Effect.orDie(Schema.decodeUnknownEffect(Schema.Array(RunRow))(rows))
}, orStorageFailure)

export const findRun = Effect.fnUntraced(function* (id: RunId) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT * FROM executor_runs WHERE id = ${id}`
  return (yield* Effect.orDie(Schema.decodeUnknownEffect(Schema.Array(RunRow))(rows)))[0]
}, orStorageFailure)

/** Is there a run that has not ended? */
export const hasOpenRuns = Effect.fnUntraced(function* (execution: ExecutionId) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT 1 FROM executor_runs
    WHERE execution = ${execution} AND state IN ('waiting', 'running') LIMIT 1`
  return rows.length > 0
}, orStorageFailure)

/** What was approved and could run. `cancelled` is said only of what had started. */
const APPROVED_STATES = ["granted", "running", "succeeded", "failed", "timed_out", "cancelled", "unknown"]

/** The newest executions before this one that were approved and ran (or will) on exactly the same targets, newest first. */
export const findApprovedBefore = Effect.fnUntraced(function* (header: Header, limit: number) {
  const { sql } = yield* Database
  const columns = sql.literal(HEADER_COLUMNS)
  const placesOf = (id: ReturnType<typeof sql.literal>) =>
    sql`SELECT COALESCE(target, target_name) FROM executor_runs WHERE execution = ${id}`
  const [theirs, own] = [
    placesOf(sql.literal("e.id")),
    sql`SELECT COALESCE(target, target_name) FROM executor_runs WHERE execution = ${header.id}`
  ]
  const rows = yield* sql`SELECT ${columns} FROM executor_executions e
    WHERE organisation = ${header.organisation} AND id < ${header.id} AND ${sql.in("state", APPROVED_STATES)}
      AND NOT EXISTS (${theirs} EXCEPT ${own}) AND NOT EXISTS (${own} EXCEPT ${theirs})
    ORDER BY id DESC LIMIT ${limit}`
  return yield* decodeHeaders(rows)
}, orStorageFailure)

/** The newest use of the same runbook before this one that was approved, wherever it ran. */
export const findApprovedUseBefore = Effect.fnUntraced(function* (header: Header) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT ${sql.literal(HEADER_COLUMNS)} FROM executor_executions
    WHERE runbook = ${header.runbook} AND organisation = ${header.organisation} AND id < ${header.id}
      AND ${sql.in("state", APPROVED_STATES)} ORDER BY id DESC LIMIT 1`
  return yield* decodeHeaders(rows)
}, orStorageFailure)

/** Who decided what, without their reasons: nothing is opened. */
export const findVerdicts = Effect.fnUntraced(function* (execution: ExecutionId) {
  return (yield* decisionRows(execution)).map(asVerdict)
})

const findDecisions = Effect.fnUntraced(function* (header: Header) {
  return yield* Effect.forEach(yield* decisionRows(header.id), (row) => openDecision(header, row))
})

const decisionRows = Effect.fnUntraced(function* (execution: ExecutionId) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT * FROM executor_decisions WHERE execution = ${execution} ORDER BY decided_at, person`
  return yield* Effect.orDie(Schema.decodeUnknownEffect(Schema.Array(DecisionRow))(rows))
}, orStorageFailure)

/** The stored plan: it does not open, or it is not in the form that this release writes. */
export const openPlan = Effect.fnUntraced(function* (
  header: Header
): Effect.fn.Return<Plan, CipherFailed | Schema.SchemaError, Database | SubjectCipher> {
  const sealed = yield* sealedColumn(header.id, "plan")
  const place = executionPlace({ organisation: header.organisation, execution: header.id }, "plan")
  return yield* decodePlan(yield* (yield* SubjectCipher).open(place, sealed ?? new Uint8Array()))
})

export const openStdin = Effect.fnUntraced(function* (header: Header) {
  const sealed = yield* sealedColumn(header.id, "stdin")
  if (sealed === null) return undefined
  const place = executionPlace({ organisation: header.organisation, execution: header.id }, "stdin")
  return yield* (yield* SubjectCipher).open(place, sealed)
})

/** The whole execution. A plan that does not open is a defect here: there is nothing to show. */
export const openExecution = Effect.fnUntraced(function* (
  header: Header
): Effect.fn.Return<Execution, never, Database | SubjectCipher> {
  const runs = yield* findRuns(header.id)
  return {
    id: header.id,
    organisation: header.organisation,
    state: header.state,
    plan: yield* Effect.orDie(openPlan(header)),
    digest: header.digest,
    requester: actorName(header.requester),
    requirement: header.requirement,
    ...(yield* openJustification(header)),
    decisions: yield* findDecisions(header),
    runs: runs.map(asRun),
    proposedAt: header.proposed_at,
    expiresAt: header.expires_at,
    ...(header.settled_at === null ? {} : { settledAt: header.settled_at }),
    ...(header.detail === null ? {} : { detail: header.detail })
  }
})

/** Why it was proposed, in the requester's words; what is not there was not said. */
const openJustification = Effect.fnUntraced(function* (header: Header) {
  const sealed = yield* sealedColumn(header.id, "justification")
  if (sealed === null) return {}
  const place = executionPlace({ organisation: header.organisation, execution: header.id }, "justification")
  const opened = yield* Effect.orDie((yield* SubjectCipher).open(place, sealed))
  return yield* Effect.orDie(decodeJustification(new TextDecoder().decode(opened)))
})

const decodeJustification = Schema.decodeUnknownEffect(Schema.fromJsonString(Justification))

const sealedColumn = Effect.fnUntraced(function* (id: ExecutionId, column: "plan" | "stdin" | "justification") {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT ${sql.literal(column)} AS sealed FROM executor_executions WHERE id = ${id}`
  return (yield* Effect.orDie(decodeSealed(rows)))[0]?.sealed ?? null
}, orStorageFailure)

const decodeSealed = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ sealed: ExecutionRow.fields.stdin })))

const openDecision = Effect.fnUntraced(function* (header: Header, row: typeof DecisionRow.Type) {
  const decision = asVerdict(row)
  if (row.reason === null) return decision
  const place = reasonPlace({ organisation: header.organisation, execution: header.id }, row.person)
  const opened = yield* (yield* SubjectCipher).open(place, row.reason).pipe(Effect.catch(erased))
  return opened === undefined ? decision : { ...decision, reason: new TextDecoder().decode(opened) }
})

const asVerdict = (row: typeof DecisionRow.Type): Decision => ({
  ...(row.signed === null ? {} : { signed: row.signed }),
  ...(row.signature_key === null ? {} : { signatureKey: row.signature_key }),
  person: row.person,
  verdict: row.verdict,
  isSelfApproved: row.is_self_approved,
  decidedAt: row.decided_at,
  roles: row.roles
})

/** A person's words are gone with their key; that they decided stays. */
const erased = (failure: CipherFailed) => (failure.reason === "key-destroyed" ? Effect.undefined : Effect.die(failure))

const asRun = (row: RunRow): Run => ({
  id: row.id,
  target: row.target,
  targetName: row.target_name,
  state: row.state,
  ...(row.started_at === null ? {} : { startedAt: row.started_at }),
  ...(row.ended_at === null ? {} : { endedAt: row.ended_at, outcome: asOutcome(row) })
})

const asOutcome = (row: RunRow): RunOutcome => ({
  outputBytes: row.output_bytes ?? 0,
  ...(row.exit_code === null ? {} : { exitCode: row.exit_code }),
  ...(row.signal === null ? {} : { signal: row.signal }),
  ...(row.file_bytes === null || row.file_digest === null
    ? {}
    : { file: { bytes: row.file_bytes, digest: row.file_digest } }),
  ...(row.detail === null ? {} : { detail: row.detail })
})
