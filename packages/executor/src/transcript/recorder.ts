// Recording what a run writes: mask, gather, seal, append. Whoever writes waits while the recording is behind, so that memory stays
// bounded whatever a command prints.
import type { RunId } from "@fluxcybers/core"
import { Clock, Effect, Queue, Semaphore } from "effect"
import type { OutputStream } from "../executor.ts"
import { type Masker, makeMasker } from "../mask.ts"
import type { CompiledForms } from "../mask-forms/scan.ts"
import type { StreamOffsets } from "../recovery.ts"
import type { RecordedChunk } from "../store/chunks.ts"

const CHUNK_BYTES_MAX = 64 * 1024
/** So much is gathered, for so long, before it is appended at once: what a crash can lose. */
const GATHER_BYTES_MAX = 512 * 1024
const GATHER_MS = 100
/** Streams that alternate make small chunks. */
const GATHERED_CHUNKS_MAX = 64

/** A chunk that has no place in the transcript yet. */
export type GatheredChunk = Omit<RecordedChunk, "sequence">

export interface Recorder {
  /** Records a piece; waits while the recording is behind. */
  write(stream: OutputStream, bytes: Uint8Array): Effect.Effect<void>
  /** From now on this value is masked. */
  hide(secret: Uint8Array): void
  /** The text with every hidden value masked, and what has the form of a secret. */
  masked(text: string): string
  /** So much has been taken of each stream, what was recorded before included. */
  readonly taken: () => StreamOffsets
  /** Records what is still held back. Call it once, after the last piece. */
  readonly finish: Effect.Effect<void>
}

/** Where a recording goes on that another process began. */
export interface Resumption {
  readonly startedMs: number
  /** So much of each stream is recorded. */
  readonly recorded: StreamOffsets
  /** The output is given again from here on: what is masked depends on what stood before. */
  readonly from: StreamOffsets
}

interface RecorderOptions {
  readonly run: RunId
  /** What is masked besides the values that are told. */
  readonly forms: CompiledForms
  /** Appends chunks to the transcript; it repeats by itself what the storage refuses for a while. */
  readonly append: (chunks: ReadonlyArray<GatheredChunk>) => Effect.Effect<void>
  /** Appending failed for good: nothing more can be recorded. */
  readonly onFailure: Effect.Effect<unknown>
  /** Absent at the start of a run. */
  readonly resumption?: Resumption | undefined
}

/** A recorder for one run; its timer lives in the scope. */
export const makeRecorder = Effect.fnUntraced(function* (options: RecorderOptions) {
  const { run, forms, append, onFailure, resumption } = options
  const startedMs = resumption?.startedMs ?? (yield* Clock.currentTimeMillis)
  const masks = masking(forms, resumption)
  const gathered = gathering(run)
  const turn = yield* Semaphore.make(1)
  const hasNews = yield* Queue.sliding<void>(1)

  // Not interruptible: a stop that comes in the middle must neither lose a chunk nor append it twice.
  const flush = Effect.uninterruptible(
    Effect.suspend(() => {
      const chunks = gathered.chunks()
      return chunks.length === 0 ? Effect.void : Effect.tap(append(chunks), () => Effect.sync(gathered.clear))
    })
  )
  const add = Effect.fnUntraced(function* (stream: OutputStream, bytes: Uint8Array) {
    const atMs = (yield* Clock.currentTimeMillis) - startedMs
    const position = stream === "file" ? undefined : masks.taken()[stream]
    for (let start = 0; start < bytes.length; start += CHUNK_BYTES_MAX) {
      const isLast = start + CHUNK_BYTES_MAX >= bytes.length
      const slice = { stream, atMs, bytes: bytes.subarray(start, start + CHUNK_BYTES_MAX) }
      gathered.add(isLast && position !== undefined ? { ...slice, position } : slice)
      if (gathered.isFull()) yield* flush
    }
    yield* Queue.offer(hasNews, undefined)
  })
  const flushInTime = Queue.take(hasNews).pipe(
    Effect.andThen(Effect.sleep(GATHER_MS)),
    Effect.andThen(turn.withPermit(flush)),
    Effect.forever,
    Effect.catchCause(() => onFailure)
  )
  yield* Effect.forkScoped(flushInTime)

  const write: Recorder["write"] = (stream, bytes) =>
    Effect.suspend(() => add(stream, masks.push(stream, bytes))).pipe(
      turn.withPermit,
      Effect.catchDefect(() => Effect.andThen(onFailure, Effect.never))
    )
  const finish = Effect.forEach(["stdout", "stderr"] as const, (stream) => add(stream, masks.end(stream))).pipe(
    Effect.andThen(flush),
    turn.withPermit
  )
  return { write, finish, hide: masks.hide, masked: masks.masked, taken: masks.taken } satisfies Recorder
})

/** A masker for each stream: a secret that is cut in two by the other stream is still one. A file is what was asked for, byte for byte. */
const masking = (forms: CompiledForms, resumption: Resumption | undefined) => {
  const taken = { ...(resumption?.from ?? { stdout: 0, stderr: 0 }) }
  const secrets: Array<Uint8Array> = []
  const maskers: Record<"stdout" | "stderr", Masker> = { stdout: makeMasker([], forms), stderr: makeMasker([], forms) }
  return {
    taken: () => ({ ...taken }),
    push: (stream: OutputStream, bytes: Uint8Array) => {
      if (stream === "file") return bytes
      const again = Math.min(bytes.length, Math.max(0, (resumption?.recorded[stream] ?? 0) - taken[stream]))
      taken[stream] += bytes.length
      // What the masker gives back of it has been recorded.
      if (again > 0) maskers[stream].push(bytes.subarray(0, again))
      return maskers[stream].push(bytes.subarray(again))
    },
    end: (stream: "stdout" | "stderr") => maskers[stream].flush(),
    hide: (secret: Uint8Array) => {
      secrets.push(secret)
      maskers.stdout.add(secret)
      maskers.stderr.add(secret)
    },
    masked: (text: string) => {
      const masker = makeMasker(secrets, forms)
      return Buffer.concat([masker.push(Buffer.from(text)), masker.flush()]).toString()
    }
  }
}

/** Pieces that follow each other on one stream become one chunk. Bytes are copied: the executor may reuse its memory. */
const gathering = (run: RunId) => {
  let chunks: Array<
    Omit<GatheredChunk, "bytes" | "position"> & { readonly pieces: Array<Uint8Array>; size: number; position?: number }
  > = []
  let size = 0
  return {
    add: ({ stream, atMs, bytes, position }: Omit<GatheredChunk, "run">) => {
      const last = chunks.at(-1)
      size += bytes.length
      if (last?.stream === stream && last.size + bytes.length <= CHUNK_BYTES_MAX) {
        last.pieces.push(new Uint8Array(bytes))
        last.size += bytes.length
        if (position !== undefined) last.position = position
      } else {
        const piece = { run, stream, atMs, pieces: [new Uint8Array(bytes)], size: bytes.length }
        chunks.push(position === undefined ? piece : { ...piece, position })
      }
    },
    isFull: () => size >= GATHER_BYTES_MAX || chunks.length >= GATHERED_CHUNKS_MAX,
    chunks: (): ReadonlyArray<GatheredChunk> =>
      chunks.map(({ pieces, size: _, ...chunk }) => ({ ...chunk, bytes: Buffer.concat(pieces) })),
    clear: () => {
      chunks = []
      size = 0
    }
  }
}
