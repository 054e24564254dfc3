// Work that is done again and again while a layer is there.
import { Effect, Layer } from "effect"

/** Does it now and so long after each end, for as long as the scope is open. What fails is logged, and done again the next time. */
export const everyMs = <R>(
  pauseMs: number,
  failed: string,
  work: Effect.Effect<void, never, R>
): Layer.Layer<never, never, R> =>
  work.pipe(
    Effect.catchCause((cause) => Effect.logError(failed, cause)),
    Effect.andThen(Effect.sleep(pauseMs)),
    Effect.forever,
    Effect.forkScoped,
    Layer.effectDiscard
  )
