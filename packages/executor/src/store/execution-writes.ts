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
  const { sql } = yield* Database
  const row = yield* Effect.orDie(Schema.encodeEffect(ExecutionRow)(execution))
  yield* sql`INSERT INTO executor_executions ${sql.insert(row)}`
  for (const run of runs) {
    yield* sql`INSERT INTO executor_runs ${sql.insert(yield* Effect.orDie(Schema.encodeEffect(RunRow)(run)))}`
  }
}, orStorageFailure)

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

type RunChanges = Partial<Pick<RunRow, "started_at" | "ended_at" | "exit_code" | "signal" | "output_bytes" | "detail">>

/** Moves a run from one state to another; false when it was no longer in the first. */
export const moveRun = Effect.fnUntraced(function* (move: {
  readonly id: RunId
  readonly from: RunState
  readonly to: RunState
  readonly changes?: RunChanges
}) {
  if (!canMoveRun(move.from, move.to)) return yield* illegal(move)
  const { sql } = yield* Database
  const rows = yield* sql`UPDATE executor_runs SET ${sql.update({ ...move.changes, state: move.to })}
    WHERE id = ${move.id} AND state = ${move.from} RETURNING id`
  return rows.length === 1
}, orStorageFailure)

/**
 * Moves a waiting run to `running`, on condition that its execution still runs, is claimed by this start of the node, and is not
 * cancelled. False otherwise: a node that was frozen starts nothing that was settled without it.
 */
export const startRun = Effect.fnUntraced(function* (start: {
  readonly id: RunId
  readonly execution: ExecutionId
  readonly boot: string
  readonly at: string
}) {
  const { sql } = yield* Database
  const changes = { state: "running" satisfies RunState, started_at: start.at }
  const rows = yield* sql`UPDATE executor_runs SET ${sql.update(changes)}
    WHERE id = ${start.id} AND state = 'waiting' AND EXISTS (
      SELECT 1 FROM executor_executions WHERE id = ${start.execution} AND state = 'running'
        AND claimed_boot = ${start.boot} AND cancel_requested_at IS NULL) RETURNING id`
  return rows.length === 1
}, orStorageFailure)

export const requestCancel = Effect.fnUntraced(function* (id: ExecutionId, at: string) {
  const { sql } = yield* Database
  yield* sql`UPDATE executor_executions SET cancel_requested_at = ${at} WHERE id = ${id} AND cancel_requested_at IS NULL`
}, orStorageFailure)

/** Only a mistake in this program gets here. */
const illegal = (move: { readonly id: string; readonly from: string; readonly to: string }) =>
  Effect.die(new Error(`${move.id} cannot go from ${move.from} to ${move.to}`))
