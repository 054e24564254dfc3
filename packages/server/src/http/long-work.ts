// Work that takes minutes where there is much: it says how far it is, and at the end what it found. It ends with its reader.
import { Effect, Queue, Semaphore, Stream } from "effect"
import type { Message } from "./sse.ts"

/** What is told of one piece of work while its reader is slow; of more, the oldest is forgotten. */
const WAITING_MAX = 16

/** The work is given a way to tell how far it is; what it returns is told last. */
export const workMessages = <M, E>(
  work: (tell: (content: M) => void) => Effect.Effect<M, E>,
  encode: (content: M) => Effect.Effect<Message>
): Stream.Stream<Message, E> =>
  Stream.callback<M, E>(
    Effect.fnUntraced(function* (queue) {
      const last = yield* work((content) => void Queue.offerUnsafe(queue, content))
      yield* Queue.offer(queue, last)
      yield* Queue.end(queue)
    }),
    { bufferSize: WAITING_MAX, strategy: "sliding" }
  ).pipe(Stream.mapEffect(encode))

/** Lets one run at a time: two that read everything would take as long as one after the other, and twice the memory. */
export const oneAtATime = Effect.map(
  Semaphore.make(1),
  (semaphore) =>
    <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
      semaphore.withPermit(work)
)
