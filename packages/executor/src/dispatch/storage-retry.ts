// Storage that fails for a while: what has happened must still be written down.
import { StorageFailure } from "@fluxcybers/core"
import { Effect, Schedule } from "effect"

const RETRY = Schedule.min([Schedule.exponential("100 millis"), Schedule.spaced("5 seconds")])

/** Repeats what broken storage refused, at most so many times, first soon and then every 5 seconds. Other defects pass. */
export const retryStorage =
  (times = Number.POSITIVE_INFINITY) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    effect.pipe(
      Effect.catchDefect((defect) => Effect.fail(new Broken(defect))),
      Effect.retry({ schedule: RETRY, times, while: isStorage }),
      Effect.catchIf(isBroken<E>, ({ defect }) => Effect.die(defect))
    ) as Effect.Effect<A, E, R>

const isBroken = <E>(failure: E | Broken): failure is Broken => failure instanceof Broken

class Broken {
  readonly defect: unknown
  constructor(defect: unknown) {
    this.defect = defect
  }
}

const isStorage = (failure: unknown): boolean => failure instanceof Broken && failure.defect instanceof StorageFailure
