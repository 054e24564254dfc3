// The pieces of a transcript: sealed one by one, counted from 1 within an execution.
import {
  Database,
  type ExecutionId,
  type OrganisationId,
  orStorageFailure,
  type RunId,
  SubjectCipher
} from "@fluxcybers/core"
import { Data, Effect, Schema } from "effect"
import type { OutputStream } from "../executor.ts"
import { lockExecution } from "./execution-writes.ts"
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
  /** With it, everything that the run wrote on this stream up to here, before masking, is recorded. */
  readonly position?: number
}

/** The same, or a piece of the file that it fetched, as it was there. */
export type RecordedChunk = Omit<TranscriptChunk, "stream"> & { readonly stream: OutputStream }

/** Another process has taken the run over: nothing was appended. */
export class TakenOver extends Data.TaggedError("TakenOver")<{ readonly run: RunId }> {}

/** Seals chunks and appends them, all or none, while their runs are with this start of a node. */
export const appendChunks = Effect.fnUntraced(function* (
  owned: Owned & { readonly boot: string },
  chunks: ReadonlyArray<RecordedChunk>
) {
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
  yield* transaction(insertChunks(rows, advances(chunks), owned.boot))
})

/** Seals and stores an empty piece for each run, which has not started, while their execution is with this start of a node. */
export const appendEmptyChunks = Effect.fnUntraced(function* (
  owned: Owned & { readonly boot: string },
  places: ReadonlyArray<Pick<TranscriptChunk, "run" | "sequence">>
) {
  const { sql, transaction } = yield* Database
  const cipher = yield* SubjectCipher
  const nothing = { execution: owned.execution, at_ms: 0, stream: "stdout" } as const
  const rows = yield* Effect.forEach(places, ({ run, sequence }) =>
    Effect.map(cipher.seal(chunkPlace(owned, sequence), new Uint8Array(0)), (bytes) => ({
      ...nothing,
      run,
      sequence,
      bytes
    }))
  )
  const insert = Effect.gen(function* () {
    const header = yield* lockExecution(owned.execution)
    const isOurs = header?.state === "running" && header.claimed_boot === owned.boot
    if (!isOurs) return yield* new TakenOver({ run: places[0]!.run })
    for (const row of rows) yield* sql`INSERT INTO executor_transcript_chunks ${sql.insert(row)}`
  })
  yield* transaction(orStorageFailure(insert))
})

/** How far chunks bring a run. */
interface Advance {
  bytes: number
  stdout?: number
  stderr?: number
}

const advances = (chunks: ReadonlyArray<RecordedChunk>): ReadonlyMap<RunId, Advance> => {
  const found = new Map<RunId, Advance>()
  for (const { run, stream, bytes, position } of chunks) {
    const advance = found.get(run) ?? { bytes: 0 }
    if (stream !== "file") {
      advance.bytes += bytes.length
      if (position !== undefined) advance[stream] = position
    }
    found.set(run, advance)
  }
  return found
}

/**
 * A run's count goes up with them, so that it is known even if the run is never settled by the node that ran it. Its row comes first: whoever
 * takes it over changes that row, and waits for this or is seen here.
 */
const insertChunks = Effect.fnUntraced(function* (
  rows: ReadonlyArray<typeof ChunkRow.Encoded>,
  advances: ReadonlyMap<RunId, Advance>,
  boot: string
) {
  const { sql } = yield* Database
  for (const [run, { bytes, stdout, stderr }] of advances) {
    const positions = {
      ...(stdout === undefined ? {} : { stdout_position: stdout }),
      ...(stderr === undefined ? {} : { stderr_position: stderr })
    }
    const moved = Object.keys(positions).length === 0 ? sql`` : sql`, ${sql.update(positions)}`
    const found = yield* sql`UPDATE executor_runs SET
        output_bytes = CASE WHEN state = 'running' THEN COALESCE(output_bytes, 0) + ${bytes} ELSE output_bytes END${moved}
        WHERE id = ${run} AND claimed_boot = ${boot} RETURNING id`
    if (found.length === 0) return yield* new TakenOver({ run })
  }
  for (const row of rows) yield* sql`INSERT INTO executor_transcript_chunks ${sql.insert(row)}`
}, orStorageFailure)

/** The number of the last chunk of an execution; 0 without any. */
export const lastSequence = Effect.fnUntraced(function* (execution: ExecutionId) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT sequence FROM executor_transcript_chunks
    WHERE execution = ${execution} ORDER BY sequence DESC LIMIT 1`
  const decoded = yield* Effect.orDie(Schema.decodeUnknownEffect(Schema.Array(SequenceRow))(rows))
  return decoded[0]?.sequence ?? 0
}, orStorageFailure)

const SequenceRow = Schema.Struct({ sequence: ChunkRow.fields.sequence })

interface Page {
  /** Only chunks of this run. */
  readonly run?: RunId
  readonly after: number
  readonly limit: number
}

/** The next chunks of what was said, opened, in order. One that does not open is a defect: the transcript was altered. */
export const openChunks = Effect.fnUntraced(function* (execution: Opened, page: Page) {
  const opened = yield* openRows(execution, page, false)
  return opened.map((chunk) => ({ ...chunk, stream: chunk.stream as TranscriptChunk["stream"] }))
})

/** The next pieces of the file that a run fetched. */
export const openFilePieces = Effect.fnUntraced(function* (execution: Opened, page: Page & { readonly run: RunId }) {
  return yield* openRows(execution, page, true)
})

interface Opened {
  readonly id: ExecutionId
  readonly organisation: OrganisationId
}

const openRows = Effect.fnUntraced(function* (execution: Opened, page: Page, isFile: boolean) {
  const { sql } = yield* Database
  const cipher = yield* SubjectCipher
  const conditions = [
    sql`execution = ${execution.id}`,
    sql`sequence > ${page.after}`,
    isFile ? sql`stream = 'file'` : sql`stream <> 'file'`,
    ...(page.run === undefined ? [] : [sql`run = ${page.run}`])
  ]
  const rows = yield* sql`SELECT * FROM executor_transcript_chunks
    WHERE ${sql.and(conditions)} ORDER BY sequence LIMIT ${page.limit}`
  const decoded = yield* Effect.orDie(Schema.decodeUnknownEffect(Schema.Array(ChunkRow))(rows))
  const owned = { organisation: execution.organisation, execution: execution.id }
  return yield* Effect.forEach(decoded, ({ sequence, run, at_ms, stream, bytes }) =>
    Effect.map(
      Effect.orDie(cipher.open(chunkPlace(owned, sequence), bytes)),
      (opened): RecordedChunk => ({ sequence, run, atMs: at_ms, stream, bytes: opened })
    )
  )
}, orStorageFailure)
