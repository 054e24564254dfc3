// Writing executions. Every change of state is a compare-and-set that the table of legal transitions allows; call these inside the
// transaction that writes the audit entry.
import { Database, type ExecutionId, orStorageFailure, type RunId } from "@fluxcybers/core"
import { Effect, Schema } from "effect"
import type { ExecutionState, RunState } from "../execution.ts"
import { canMoveExecution, canMoveRun } from "../state.ts"
import { decodeHeaders, HEADER_COLUMNS, type Header } from "./execution-reads.ts"
import { DecisionRow, ExecutionRow, RunRow } from "./rows.ts"

export const insertExecution = Effect.fnUntraced(function* (
  execution: typeof ExecutionRow.Type,
  runs: ReadonlyArray<RunRow>
) {
  const { sql, insertRows } = yield* Database
  const row = yield* Effect.orDie(Schema.encodeEffect(ExecutionRow)(execution))
  yield* sql`INSERT INTO executor_executions ${sql.insert(row)}`
  const encoded = yield* Effect.orDie(Schema.encodeEffect(Schema.Array(RunRow))(runs))
  const values = encoded.map((run) => RUN_COLUMNS.map((column) => plainInteger(run[column])))
  yield* insertRows({ table: "executor_runs", columns: RUN_COLUMNS, values })
}, orStorageFailure)

/** A count of this program always fits. */
const plainInteger = <A>(value: A) => (typeof value === "bigint" ? Number(value) : (value as Exclude<A, bigint>))

const RUN_COLUMNS = Object.keys(RunRow.fields) as ReadonlyArray<keyof RunRow>

export const insertDecision = Effect.fnUntraced(function* (decision: typeof DecisionRow.Type) {
  const { sql } = yield* Database
  const row = yield* Effect.orDie(Schema.encodeEffect(DecisionRow)(decision))
  yield* sql`INSERT INTO executor_decisions ${sql.insert(row)}`
}, orStorageFailure)

/** Holds the execution for the rest of the transaction, and reads it as it is then. `undefined` when there is none. */
export const lockExecution = Effect.fnUntraced(function* (id: ExecutionId) {
  const { sql } = yield* Database
  const rows = yield* sql`UPDATE executor_executions SET revision = revision + 1 WHERE id = ${id}
    RETURNING ${sql.literal(HEADER_COLUMNS)}`
  return (yield* decodeHeaders(rows))[0]
}, orStorageFailure)

type ExecutionChanges = Partial<
  Pick<Header, "expires_at" | "grant_nonce" | "claimed_by" | "claimed_boot" | "settled_at" | "detail">
>

/** Moves an execution from one state to another; false when it was no longer in the first. */
export const moveExecution = Effect.fnUntraced(function* (move: {
  readonly id: ExecutionId
  readonly from: ExecutionState
  readonly to: ExecutionState
  readonly changes?: ExecutionChanges
}) {
  if (!canMoveExecution(move.from, move.to)) return yield* illegal(move)
  const { sql } = yield* Database
  const rows = yield* sql`UPDATE executor_executions SET ${sql.update({ ...move.changes, state: move.to })}
    WHERE id = ${move.id} AND state = ${move.from} RETURNING id`
  return rows.length === 1
}, orStorageFailure)

type RunChanges = Partial<
  Pick<
    RunRow,
    | "claimed_by"
    | "claimed_boot"
    | "started_at"
    | "ended_at"
    | "exit_code"
    | "signal"
    | "output_bytes"
    | "file_bytes"
    | "file_digest"
    | "detail"
  >
>

/** Moves a run from one state to another; false when it was no longer in the first. Call it while the execution is locked. */
export const moveRun = Effect.fnUntraced(function* (move: {
  readonly id: RunId
  readonly from: RunState
  readonly to: RunState
  readonly changes?: RunChanges
}) {
  if (!canMoveRun(move.from, move.to)) return yield* illegal(move)
  const { sql } = yield* Database
  const rows =
    yield* sql`UPDATE executor_runs SET ${sql.update({ ...move.changes, state: move.to })}, ${newRevision(sql)}
    WHERE id = ${move.id} AND state = ${move.from} RETURNING id`
  return rows.length === 1
}, orStorageFailure)

/** Moves waiting runs to `running`, each if it still waits; which those were. Call it while the execution is locked. */
export const startWaitingRuns = Effect.fnUntraced(function* (ids: ReadonlyArray<RunId>, changes: RunChanges) {
  if (ids.length === 0) return new Set<RunId>()
  const { sql } = yield* Database
  const running = { ...changes, state: "running" satisfies RunState }
  const rows = yield* sql<{ readonly id: RunId }>`UPDATE executor_runs SET ${sql.update(running)}, ${newRevision(sql)}
    WHERE ${sql.in("id", ids)} AND state = 'waiting' RETURNING id`
  return new Set(rows.map(({ id }) => id))
}, orStorageFailure)

/** An execution with its runs now belongs to this start of a node. Call it while the execution is locked. */
export const takeOverRuns = Effect.fnUntraced(function* (id: ExecutionId, to: { node: string; boot: string }) {
  const { sql } = yield* Database
  const claim = { claimed_by: to.node, claimed_boot: to.boot }
  yield* sql`UPDATE executor_executions SET ${sql.update(claim)} WHERE id = ${id}`
  yield* sql`UPDATE executor_runs SET ${sql.update(claim)} WHERE execution = ${id} AND started_at IS NOT NULL`
}, orStorageFailure)

/** Ends every run that has not started, all in one statement; how many those were. Call it while the execution is locked. */
export const closeWaitingRuns = Effect.fnUntraced(function* (closing: {
  readonly execution: ExecutionId
  readonly to: Extract<RunState, "failed" | "skipped">
  readonly endedAt: string
  readonly detail: string
}) {
  const { sql } = yield* Database
  const changes = { state: closing.to, ended_at: closing.endedAt, detail: closing.detail }
  const rows = yield* sql`UPDATE executor_runs SET ${sql.update(changes)}, ${newRevision(sql)}
    WHERE execution = ${closing.execution} AND state = 'waiting' RETURNING id`
  return rows.length
}, orStorageFailure)

/** Whoever looks for what changed since a revision of the execution finds it. */
const newRevision = (sql: Database["Service"]["sql"]) =>
  sql`revision = (SELECT e.revision FROM executor_executions e WHERE e.id = executor_runs.execution)`

export const requestCancel = Effect.fnUntraced(function* (id: ExecutionId, at: string) {
  const { sql } = yield* Database
  yield* sql`UPDATE executor_executions SET cancel_requested_at = ${at} WHERE id = ${id} AND cancel_requested_at IS NULL`
}, orStorageFailure)

/** Only a mistake in this program gets here. */
const illegal = (move: { readonly id: string; readonly from: string; readonly to: string }) =>
  Effect.die(new Error(`${move.id} cannot go from ${move.from} to ${move.to}`))
