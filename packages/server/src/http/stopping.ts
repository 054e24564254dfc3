// Tells long answers that the server is about to stop.
import { Context, Deferred, Effect, Layer } from "effect"

export class Stopping extends Context.Service<
  Stopping,
  {
    /** Completes when the server begins to stop. */
    readonly begun: Effect.Effect<void>
    readonly begin: Effect.Effect<void>
  }
>()("fluxcybers/server/Stopping") {
  static readonly layer = Layer.effect(
    Stopping,
    Effect.map(Deferred.make<void>(), (stopping) => ({
      begun: Deferred.await(stopping),
      begin: Effect.asVoid(Deferred.succeed(stopping, undefined))
    }))
  )
}
