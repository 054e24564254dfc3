// An effect in a fiber of its own, watched: it comes to its own end, or it is stopped, and whether the stop was confirmed is known.
import { Effect, Exit, Fiber, Option } from "effect"

/** How it ended: by itself, or told to stop for a reason; then `exit` is absent when it did not confirm that in time. */
export type Watched<A, E, Why> =
  | { readonly why: undefined; readonly exit: Exit.Exit<A, E> }
  | { readonly why: Why; readonly exit: Exit.Exit<A, E> | undefined }

/** Runs `work` until it ends or `stop` gives a reason. Interrupting the whole tells the work to stop, too. */
export const untilStopped = <A, E, R, Why extends string>(
  work: Effect.Effect<A, E, R>,
  stop: Effect.Effect<Why>,
  stopMsMax: number
): Effect.Effect<Watched<A, E, Why>, never, R> => {
  const told = (running: Fiber.Fiber<A, E>) =>
    Effect.andThen(Fiber.interrupt(running), Fiber.await(running)).pipe(Effect.timeoutOption(stopMsMax))
  const watch = Effect.fnUntraced(function* (running: Fiber.Fiber<A, E>): Effect.fn.Return<Watched<A, E, Why>> {
    const why = yield* Effect.raceFirst(Effect.as(Fiber.await(running), undefined), stop)
    if (why === undefined) return { why, exit: yield* Fiber.await(running) }
    return { why, exit: Option.getOrUndefined(yield* told(running)) }
  })
  return Effect.acquireUseRelease(Effect.forkDetach(work, { startImmediately: true }), watch, (running, exit) =>
    Exit.hasInterrupts(exit) ? told(running) : Effect.void
  )
}
