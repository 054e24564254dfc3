// The pieces of a transcript: sealed one by one, counted from 1 within an execution.
import {
  Database,
  type ExecutionId,
  type OrganisationId,
  orStorageFailure,
  type RunId,
  SubjectCipher
} from "@fluxcybers/core"
import { Effect, Schema } from "effect"
import { ChunkRow } from "./rows.ts"
import { chunkPlace, type Owned } from "./sealed.ts"

/** A piece of what a run wrote, masked. */
export interface TranscriptChunk {
  readonly sequence: number
  readonly run: RunId
  /** Since the run started. */
  readonly atMs: number
  readonly stream: "stdout" | "stderr"
  readonly bytes: Uint8Array
}

/** Seals chunks and appends them, all or none. */
export const appendChunks = Effect.fnUntraced(function* (owned: Owned, chunks: ReadonlyArray<TranscriptChunk>) {
  const { transaction } = yield* Database
  const cipher = yield* SubjectCipher
  const rows = yield* Effect.forEach(chunks, ({ sequence, run, atMs, stream, bytes }) =>
    Effect.map(cipher.seal(chunkPlace(owned, sequence), bytes), (sealed) => ({
      execution: owned.execution,
      sequence,
      run,
      at_ms: atMs,
      stream,
      bytes: sealed
    }))
  )
  const sizes = new Map<RunId, number>()
  for (const { run, bytes } of chunks) sizes.set(run, (sizes.get(run) ?? 0) + bytes.length)
  yield* transaction(insertChunks(rows, sizes))
})

/** A run's count goes up with them, so that it is known even if the run is never settled by the node that ran it. */
const insertChunks = Effect.fnUntraced(function* (
  rows: ReadonlyArray<typeof ChunkRow.Encoded>,
  sizes: ReadonlyMap<RunId, number>
) {
  const { sql } = yield* Database
  for (const row of rows) yield* sql`INSERT INTO executor_transcript_chunks ${sql.insert(row)}`
  for (const [run, size] of sizes) {
    yield* sql`UPDATE executor_runs SET output_bytes = COALESCE(output_bytes, 0) + ${size}
      WHERE id = ${run} AND state = 'running'`
  }
}, orStorageFailure)

interface Page {
  /** Only chunks of this run. */
  readonly run?: RunId
  readonly after: number
  readonly limit: number
}

/** The next chunks, opened, in order. One that does not open is a defect: the transcript was altered. */
export const openChunks = Effect.fnUntraced(function* (
  execution: { readonly id: ExecutionId; readonly organisation: OrganisationId },
  page: Page
) {
  const { sql } = yield* Database
  const cipher = yield* SubjectCipher
  const conditions = [
    sql`execution = ${execution.id}`,
    sql`sequence > ${page.after}`,
    ...(page.run === undefined ? [] : [sql`run = ${page.run}`])
  ]
  const rows = yield* sql`SELECT * FROM executor_transcript_chunks
    WHERE ${sql.and(conditions)} ORDER BY sequence LIMIT ${page.limit}`
  const decoded = yield* Effect.orDie(Schema.decodeUnknownEffect(Schema.Array(ChunkRow))(rows))
  const owned = { organisation: execution.organisation, execution: execution.id }
  return yield* Effect.forEach(decoded, ({ sequence, run, at_ms, stream, bytes }) =>
    Effect.map(
      Effect.orDie(cipher.open(chunkPlace(owned, sequence), bytes)),
      (opened): TranscriptChunk => ({ sequence, run, atMs: at_ms, stream, bytes: opened })
    )
  )
}, orStorageFailure)
