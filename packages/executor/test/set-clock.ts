// A clock that stands still until a test sets it, while sleeps take their ordinary time: a year passes at once, and nothing that looks every
// second looks millions of times.
import { Clock, Effect } from "effect"

/** Time as a test sets it. */
export class SetClock {
  private nowMs: number

  constructor(startMs: number) {
    this.nowMs = startMs
  }

  set(instantMs: number): void {
    this.nowMs = instantMs
  }

  /** Runs it, layers and all, by this clock. */
  run<A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return Effect.flatMap(Clock.Clock, (clock) => {
      const set: Clock.Clock = Object.assign(Object.create(clock), {
        currentTimeMillisUnsafe: () => this.nowMs,
        currentTimeMillis: Effect.sync(() => this.nowMs)
      })
      return Effect.provideService(effect, Clock.Clock, set)
    })
  }
}
