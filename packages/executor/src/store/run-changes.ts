// What changed among the runs of an execution, for those who watch it.
import { Database, type ExecutionId, orStorageFailure } from "@fluxcybers/core"
import { Effect, Schema } from "effect"
import { RunRow } from "./rows.ts"

export const hasSeveralRuns = Effect.fnUntraced(function* (execution: ExecutionId) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT 1 FROM executor_runs WHERE execution = ${execution} LIMIT 2`
  return rows.length > 1
}, orStorageFailure)

const { id: run, state, revision } = RunRow.fields
const decode = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ run, state, revision })))

/** The runs that changed after that revision of the execution, as they are now, oldest change first. */
export const runsChangedSince = Effect.fnUntraced(function* (execution: ExecutionId, since: number) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT id AS run, state, revision FROM executor_runs
    WHERE execution = ${execution} AND revision > ${since} ORDER BY revision, position`
  return yield* Effect.orDie(decode(rows))
}, orStorageFailure)
