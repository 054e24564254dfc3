// The recording of one run as a file for players, written while it is read.
import { asciicastWriter, type Execution, type Run, type Transcripts } from "@fluxcybers/executor"
import { Cause, Effect, Stream } from "effect"
import { HttpServerResponse } from "effect/http"
import { traceOf } from "./defect.ts"
import { problem } from "./problem.ts"

const TRANSCRIPT_CONTENT_TYPE = "application/x-asciicast"

/** Answers the asciicast of the named run, or of the first. */
export const transcriptResponse = Effect.fnUntraced(function* (
  transcripts: Transcripts["Service"],
  { execution, run: wanted }: { readonly execution: Execution; readonly run: string | undefined }
) {
  const run = execution.runs.find(({ id }) => wanted === undefined || id === wanted)
  if (run?.startedAt === undefined) return yield* NOTHING_RECORDED
  const writer = asciicastWriter({ startedAt: run.startedAt, title: titleOf(execution, run) })
  const part = { organisation: execution.organisation, execution: execution.id, run: run.id }
  const lines = Stream.map(transcripts.read(part), (chunk) => writer.line(chunk))
  const text = Stream.concat(Stream.succeed(writer.header), lines)
  return HttpServerResponse.stream(Stream.encodeText(wordless(text)), { contentType: TRANSCRIPT_CONTENT_TYPE })
})

const NOTHING_RECORDED = problem(
  404,
  "transcript-unknown",
  "There is no such run, or it has not started: nothing was recorded."
)

const titleOf = ({ id }: Execution, { targetName }: Run): string => `${id} on ${targetName}`

/** The status was sent long ago: the connection breaks off, and the reason stands in the log without what the error says. */
const wordless = <A, E>(stream: Stream.Stream<A, E>): Stream.Stream<A> =>
  Stream.catchCause(stream, (cause) =>
    Stream.unwrap(
      Effect.as(
        Effect.logError("A transcript broke off", traceOf(Cause.squash(cause))),
        Stream.die(new Error("The transcript broke off."))
      )
    )
  )
