// Server-sent events (WHATWG HTML §9.2): messages with an id to resume from, and comments that keep the connection alive.
import { Cause, Duration, Effect, Schedule, Stream } from "effect"
import { HttpServerResponse } from "effect/http"
import { problemOfDefect } from "./defect.ts"

const HEARTBEAT = Duration.seconds(15)

export interface Message {
  /** Where a reader that was cut off goes on. */
  readonly id?: number
  /** One line of JSON. */
  readonly data: string
}

/** Why a stream broke off. */
interface StreamProblem {
  readonly _tag: "Problem"
  readonly code: string
  readonly detail: string
}

/**
 * Answers with the stream. It ends when the messages end, when `until` completes, or when the reader goes away. A failure inside is
 * logged and becomes the last message, as `failed` renders it.
 */
export const eventStream = <E>(options: {
  readonly messages: Stream.Stream<Message, E>
  readonly failed: (problem: StreamProblem) => Effect.Effect<Message>
  readonly until: Effect.Effect<void>
}) => {
  const messages = options.messages.pipe(
    Stream.catchCause((cause) =>
      Cause.hasInterruptsOnly(cause)
        ? Stream.empty
        : Stream.fromEffect(Effect.flatMap(streamProblem(cause), options.failed))
    ),
    Stream.map(render)
  )
  const heartbeats = Stream.map(Stream.fromSchedule(Schedule.spaced(HEARTBEAT)), () => ": still here\n\n")
  const text = Stream.merge(messages, heartbeats, { haltStrategy: "left" }).pipe(Stream.interruptWhen(options.until))
  // The first bytes go out at once, so that the reader knows that it is connected.
  const body = Stream.encodeText(Stream.concat(Stream.succeed(": connected\n\n"), text))
  return HttpServerResponse.stream(body, { contentType: "text/event-stream" })
}

const streamProblem = (cause: Cause.Cause<unknown>): Effect.Effect<StreamProblem> =>
  Effect.map(problemOfDefect(Cause.squash(cause)), ({ code, detail }) => ({ _tag: "Problem", code, detail }))

const render = ({ id, data }: Message): string =>
  `${id === undefined ? "" : `id: ${id}\n`}event: message\ndata: ${data}\n\n`

/** Where a reader left off, as browsers and other readers say it when they come back. */
export const lastEventId = (header: string | undefined): number | undefined =>
  header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : undefined
