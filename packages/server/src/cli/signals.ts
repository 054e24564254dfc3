// Ctrl-C and its kin. Whoever listens decides what the signal means; while nobody does, it ends the program.
import { Context, Effect, Layer, Queue, type Scope } from "effect"
import { INTERRUPTED_STATUS } from "./exit-codes.ts"

export type StopSignal = "SIGINT" | "SIGTERM"

export class StopSignals extends Context.Service<
  StopSignals,
  {
    /** Until the scope closes, signals come here and do nothing else. */
    readonly listen: Effect.Effect<Queue.Dequeue<StopSignal>, never, Scope.Scope>
  }
>()("fluxcybers/server/cli/StopSignals") {
  /** Handles the signals of this process for as long as the layer lives. `end` is called for a signal that nobody listens to. */
  static readonly layer = (end: (signal: StopSignal) => void) =>
    Layer.effect(
      StopSignals,
      Effect.gen(function* () {
        const listeners = new Set<Queue.Queue<StopSignal>>()
        const receive = (signal: StopSignal) => {
          if (listeners.size === 0) return end(signal)
          for (const listener of listeners) Queue.offerUnsafe(listener, signal)
        }
        yield* Effect.acquireRelease(
          Effect.sync(() => {
            process.on("SIGINT", receive)
            process.on("SIGTERM", receive)
          }),
          () =>
            Effect.sync(() => {
              process.off("SIGINT", receive)
              process.off("SIGTERM", receive)
            })
        )
        return StopSignals.of({
          listen: Effect.acquireRelease(
            Effect.tap(Queue.unbounded<StopSignal>(), (queue) => Effect.sync(() => listeners.add(queue))),
            (queue) => Effect.sync(() => listeners.delete(queue))
          )
        })
      })
    )
}

/** 128 plus the signal's number. */
export const statusOfSignal = (signal: StopSignal): number => (signal === "SIGINT" ? INTERRUPTED_STATUS : 143)
