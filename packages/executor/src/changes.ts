// News about executions within this process, so that viewers and dispatchers need not wait for their next look at the database.
import type { ExecutionId } from "@fluxcybers/core"
import { Context, Effect, Layer, Queue, type Scope } from "effect"

/** Waits for the next news, at most so long. News that came since the last wait end it at once. */
export type Bell = (waitMsMax: number) => Effect.Effect<void>

/** Never relied on: whoever listens also looks at the database at times, because other nodes write there too. */
export class Changes extends Context.Service<
  Changes,
  {
    /** Its state changed: for those who look at it, and for dispatchers. */
    announce(execution: ExecutionId): Effect.Effect<void>
    /** It wrote something: only for those who look at it. */
    announceOutput(execution: ExecutionId): Effect.Effect<void>
    /** A bell for one execution, or for all of them. */
    listen(execution?: ExecutionId): Effect.Effect<Bell, never, Scope.Scope>
  }
>()("fluxcybers/executor/Changes") {
  static readonly layer = Layer.sync(Changes, () => {
    const listeners = new Map<string, Set<Queue.Queue<void>>>()
    const ring = (key: string) => Effect.forEach(listeners.get(key) ?? [], (queue) => Queue.offer(queue, undefined))
    return Changes.of({
      announce: (execution) => Effect.andThen(ring(execution), ring(ALL)).pipe(Effect.asVoid),
      announceOutput: (execution) => Effect.asVoid(ring(execution)),
      listen: (execution = ALL as ExecutionId) =>
        Effect.map(Effect.acquireRelease(enter(listeners, execution), leave(listeners, execution)), bell)
    })
  })
}

const ALL = ""

type Listeners = Map<string, Set<Queue.Queue<void>>>

const enter = Effect.fnUntraced(function* (listeners: Listeners, key: string) {
  // One is enough: many news between two waits are one reason to look.
  const queue = yield* Queue.sliding<void>(1)
  listeners.set(key, (listeners.get(key) ?? new Set()).add(queue))
  return queue
})

const leave = (listeners: Listeners, key: string) => (queue: Queue.Queue<void>) =>
  Effect.sync(() => {
    listeners.get(key)?.delete(queue)
    if (listeners.get(key)?.size === 0) listeners.delete(key)
  })

const bell =
  (queue: Queue.Queue<void>): Bell =>
  (waitMsMax) =>
    Effect.timeoutOrElse(Queue.take(queue), { duration: waitMsMax, orElse: () => Effect.void })
