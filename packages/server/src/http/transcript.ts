// Recordings as files for players, written while they are read.
import type { Actor, RunId } from "@fluxcybers/core"
import {
  asciicastWriter,
  combinedAsciicastWriter,
  type Execution,
  type RecordingEnd,
  type Run,
  type Transcripts
} from "@fluxcybers/executor"
import { Cause, Effect, Stream } from "effect"
import { HttpServerResponse } from "effect/http"
import { traceOf } from "./defect.ts"
import { asProblem, problem } from "./problem.ts"

const TRANSCRIPT_CONTENT_TYPE = "application/x-asciicast"

interface Wanted {
  readonly execution: Execution
  readonly actor: Actor
  /** All runs unless told. */
  readonly run?: string
  readonly version?: "2" | "3"
}

/** Answers the asciicast of the named run, or of all of them; that it is read is in the log before. */
export const transcriptResponse = Effect.fnUntraced(function* (transcripts: Transcripts["Service"], wanted: Wanted) {
  const { execution, actor } = wanted
  const version: 2 | 3 = wanted.version === "3" ? 3 : 2
  const runs = execution.runs.filter(isRecorded).filter(({ id }) => wanted.run === undefined || id === wanted.run)
  const [first] = runs.toSorted((one, other) => (one.startedAt < other.startedAt ? -1 : 1))
  if (first === undefined) return yield* NOTHING_RECORDED
  const isAlone = runs.length === 1
  const recording = { startedAt: first.startedAt, title: titleOf(execution, runs), version }
  const named = new Map(runs.map(({ id, targetName, startedAt }) => [id as string, { name: targetName, startedAt }]))
  const writer = isAlone ? asciicastWriter(recording) : combinedAsciicastWriter(recording, named)
  const part = { organisation: execution.organisation, execution: execution.id, ...(isAlone ? { run: first.id } : {}) }
  yield* asProblem(transcripts.begin({ ...part, actor, way: "asciicast" }))
  const text = Stream.succeed(writer.header).pipe(
    Stream.concat(Stream.map(transcripts.read(part), (chunk) => writer.line(chunk))),
    Stream.concat(Stream.suspend(() => Stream.succeed(writer.end(isAlone ? endOf(first) : undefined))))
  )
  return HttpServerResponse.stream(Stream.encodeText(wordless(text)), { contentType: TRANSCRIPT_CONTENT_TYPE })
})

type RecordedRun = Run & { readonly startedAt: string; readonly id: RunId }

const isRecorded = (run: Run): run is RecordedRun => run.startedAt !== undefined

const endOf = ({ endedAt, outcome }: Run): RecordingEnd | undefined =>
  endedAt === undefined || outcome?.exitCode === undefined ? undefined : { endedAt, exitCode: outcome.exitCode }

const NOTHING_RECORDED = problem(
  404,
  "transcript-unknown",
  "There is no such run, or it has not started: nothing was recorded."
)

const titleOf = ({ id }: Execution, runs: ReadonlyArray<Run>): string =>
  runs.length === 1 ? `${id} on ${runs[0]!.targetName}` : `${id} on ${runs.length} targets`

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
