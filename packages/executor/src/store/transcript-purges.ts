// Transcripts past their period: which there are, that nobody reads them any more, and their chunks going page by page.
import { type AuditEntryId, Database, ExecutionId, OrganisationId, orStorageFailure } from "@fluxcybers/core"
import { Effect, Schema } from "effect"
import { isSettled } from "../state.ts"
import { ExecutionRow, TranscriptPurgeRow } from "./rows.ts"

const RecordedRow = Schema.Struct({
  id: ExecutionId,
  organisation: OrganisationId,
  state: ExecutionRow.fields.state,
  proposed_at: Schema.String,
  settled_at: ExecutionRow.fields.settled_at
})

/** An execution of which something is recorded. */
export type Recorded = typeof RecordedRow.Type

const decodeRecorded = Schema.decodeUnknownEffect(Schema.Array(RecordedRow))

/** The oldest execution after this one that has chunks: one step through the chunks' key, however many there are. */
export const nextRecorded = Effect.fnUntraced(function* (after: string) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT id, organisation, state, proposed_at, settled_at FROM executor_executions
    WHERE id = (SELECT min(execution) FROM executor_transcript_chunks WHERE execution > ${after})`
  return (yield* Effect.orDie(decodeRecorded(rows)))[0]
}, orStorageFailure)

/** Did it end before this instant? Only then is nothing more recorded of it. */
export const endedBefore = ({ state, settled_at }: Recorded, before: string): boolean =>
  isSettled(state) && settled_at !== null && settled_at < before

/** When reading the transcript ended; `undefined` for one that can be read. */
export const findPurge = Effect.fnUntraced(function* (execution: ExecutionId) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT * FROM executor_transcript_purges WHERE execution = ${execution}`
  return (yield* Effect.orDie(decodePurges(rows)))[0]
}, orStorageFailure)

const decodePurges = Schema.decodeUnknownEffect(Schema.Array(TranscriptPurgeRow))

/** Ends the reading of a transcript. Call it inside the transaction that writes the entry. */
export const insertPurge = Effect.fnUntraced(function* (purge: {
  readonly execution: ExecutionId
  readonly entry: AuditEntryId
  readonly purged_at: string
}) {
  const { sql } = yield* Database
  yield* sql`INSERT INTO executor_transcript_purges ${sql.insert(purge)}`
  // Its content could be guessed by it.
  yield* sql`UPDATE executor_runs SET file_digest = NULL WHERE execution = ${purge.execution} AND file_digest IS NOT NULL`
}, orStorageFailure)

/** Deletes the first chunks of a transcript that nobody reads any more; how many went. */
export const deleteChunks = Effect.fnUntraced(function* (execution: ExecutionId, limit: number) {
  const { sql } = yield* Database
  const gone = yield* sql`DELETE FROM executor_transcript_chunks WHERE execution = ${execution}
    AND EXISTS (SELECT 1 FROM executor_transcript_purges WHERE execution = ${execution})
    AND sequence IN (SELECT sequence FROM executor_transcript_chunks WHERE execution = ${execution}
      ORDER BY sequence LIMIT ${limit}) RETURNING sequence`
  return gone.length
}, orStorageFailure)
