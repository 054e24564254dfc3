// Transcripts: what runs wrote, masked and sealed piece by piece, read back in order.
import {
  type Actor,
  AuditLog,
  type Database,
  type ExecutionId,
  type OrganisationId,
  type RunId,
  type SubjectCipher
} from "@fluxcybers/core"
import { Context, Effect, Layer, Option, Schema, Stream } from "effect"
import { headerOf } from "./gate/look.ts"
import type { ExecutionNotFound } from "./gate/refusal.ts"
import { openChunks, type TranscriptChunk } from "./store/chunks.ts"
import { findPurge } from "./store/transcript-purges.ts"

export type { TranscriptChunk } from "./store/chunks.ts"
export {
  type AsciicastWriter,
  asciicast,
  asciicastWriter,
  combinedAsciicastWriter,
  type RecordedRun,
  type Recording,
  type RecordingEnd
} from "./transcript/asciicast.ts"
export { type NamedLines, type NamedPiece, namedLines } from "./transcript/named-lines.ts"
export {
  type TranscriptPurgeReport,
  type TranscriptPurgeRequest,
  TranscriptRetention
} from "./transcript/retention.ts"
export {
  type SearchPosition,
  type TranscriptMatch,
  type TranscriptMatches,
  type TranscriptQuery,
  TranscriptSearch
} from "./transcript/search.ts"

/** At most 2 MiB are held at a time. */
const PAGE_CHUNKS = 32

/** Which part of which transcript. */
export interface TranscriptPart {
  readonly organisation: OrganisationId
  readonly execution: ExecutionId
  /** All runs of the execution unless told. */
  readonly run?: RunId
}

/** Who reads what of a transcript, and how. */
export interface TranscriptReading extends TranscriptPart {
  readonly actor: Actor
  /** Followed while it runs, or again afterwards; or written as a file for players. */
  readonly way: "live" | "asciicast"
}

/** What was recorded is past its period and was deleted. The execution, its decisions and its outcome are still there. */
export class TranscriptPurged extends Schema.TaggedError<TranscriptPurged>()("TranscriptPurged", {
  execution: Schema.String,
  /** ISO 8601. */
  purgedAt: Schema.String
}) {
  override get message() {
    return `The transcript of ${this.execution} was purged on ${this.purgedAt.slice(0, 10)}: its period was over. The execution itself, its decisions and its outcome are kept.`
  }
}

/**
 * Reads what was recorded until now; `Gate.events` follows an execution while it runs. Audit entry: `transcript.read`, which whoever gives a
 * transcript to somebody enters with `begin` first.
 */
export class Transcripts extends Context.Service<
  Transcripts,
  {
    /** The pieces in order. One that was altered does not open: a defect. */
    read(part: TranscriptPart): Stream.Stream<TranscriptChunk, ExecutionNotFound | TranscriptPurged>
    /** Fails for a transcript that is past its period. */
    available(
      part: Pick<TranscriptPart, "organisation" | "execution">
    ): Effect.Effect<void, ExecutionNotFound | TranscriptPurged>
    /** Enters in the log that it is read from now on, by whom and how. Fails for a transcript that is past its period: then nothing is entered. */
    begin(reading: TranscriptReading): Effect.Effect<void, ExecutionNotFound | TranscriptPurged>
  }
>()("fluxcybers/executor/Transcripts") {
  static readonly layer: Layer.Layer<Transcripts, never, Services> = Layer.effect(
    Transcripts,
    Effect.map(Effect.context<Services>(), (context) =>
      Transcripts.of({
        read: (part) => read(part).pipe(Stream.provideContext(context)),
        begin: (reading) => Effect.provideContext(begin(reading), context),
        available: (part) => Effect.provideContext(available(part), context)
      })
    )
  )
}

type Services = Database | SubjectCipher | AuditLog

const read = ({ organisation, execution, run }: TranscriptPart) =>
  Stream.unwrap(
    Effect.map(headerOf(organisation, execution), (header) =>
      Stream.paginate(
        0,
        Effect.fnUntraced(function* (after) {
          const part = { ...(run === undefined ? {} : { run }), after, limit: PAGE_CHUNKS }
          const chunks = yield* openChunks(header, part)
          // After the page: what was readable then was complete, for no chunk goes before reading has ended.
          yield* readable(execution)
          const isLast = chunks.length < PAGE_CHUNKS
          return [chunks, isLast ? Option.none() : Option.fromNullishOr(chunks.at(-1)?.sequence)] as const
        })
      )
    )
  )

const available = Effect.fn("Transcripts.available")(function* ({
  organisation,
  execution
}: Pick<TranscriptPart, "organisation" | "execution">) {
  yield* headerOf(organisation, execution)
  yield* readable(execution)
})

const begin = Effect.fn("Transcripts.begin")(function* ({
  organisation,
  execution,
  run,
  actor,
  way
}: TranscriptReading) {
  yield* available({ organisation, execution })
  yield* (yield* AuditLog).record({
    organisation,
    actor,
    action: "transcript.read",
    object: execution,
    outcome: "success",
    facts: { way, ...(run === undefined ? {} : { run }) }
  })
})

const readable = Effect.fnUntraced(function* (execution: ExecutionId) {
  const purge = yield* findPurge(execution)
  if (purge !== undefined) return yield* new TranscriptPurged({ execution, purgedAt: purge.purged_at })
})
