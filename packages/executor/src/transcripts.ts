// Transcripts: what runs wrote, masked and sealed piece by piece, read back in order.
import type { Database, ExecutionId, OrganisationId, RunId, SubjectCipher } from "@fluxcybers/core"
import { Context, Effect, Layer, Option, Stream } from "effect"
import { headerOf } from "./gate/look.ts"
import type { ExecutionNotFound } from "./gate/refusal.ts"
import { openChunks, type TranscriptChunk } from "./store/chunks.ts"

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

/** At most 2 MiB are held at a time. */
const PAGE_CHUNKS = 32

/** Which part of which transcript. */
export interface TranscriptPart {
  readonly organisation: OrganisationId
  readonly execution: ExecutionId
  /** All runs of the execution unless told. */
  readonly run?: RunId
}

/** Reads what was recorded until now; `Gate.events` follows an execution while it runs. */
export class Transcripts extends Context.Service<
  Transcripts,
  {
    /** The pieces in order. One that was altered does not open: a defect. */
    read(part: TranscriptPart): Stream.Stream<TranscriptChunk, ExecutionNotFound>
  }
>()("fluxcybers/executor/Transcripts") {
  static readonly layer: Layer.Layer<Transcripts, never, Database | SubjectCipher> = Layer.effect(
    Transcripts,
    Effect.map(Effect.context<Database | SubjectCipher>(), (context) =>
      Transcripts.of({ read: (part) => read(part).pipe(Stream.provideContext(context)) })
    )
  )
}

const read = ({ organisation, execution, run }: TranscriptPart) =>
  Stream.unwrap(
    Effect.map(headerOf(organisation, execution), (header) =>
      Stream.paginate(0, (after) =>
        Effect.map(
          openChunks(header, { ...(run === undefined ? {} : { run }), after, limit: PAGE_CHUNKS }),
          (chunks) => [
            chunks,
            chunks.length < PAGE_CHUNKS ? Option.none() : Option.fromNullishOr(chunks.at(-1)?.sequence)
          ]
        )
      )
    )
  )
