// Effects as promises that reject with the typed error itself.
import { Cause, Effect, Exit, type Layer, ManagedRuntime } from "effect"

/** Services that run until they are closed, as promises. */
export interface FacadeRuntime<Services> {
  run<A, E>(effect: Effect.Effect<A, E, Services>): Promise<A>
  readonly close: () => Promise<void>
}

/** Builds the services of a facade; rejects with what kept one of them from starting, after everything else was closed. */
export const startRuntime = async <Services, E>(
  services: Layer.Layer<Services, E>
): Promise<FacadeRuntime<Services>> => {
  const runtime = ManagedRuntime.make(services)
  const run = async <A, E2>(effect: Effect.Effect<A, E2, Services>): Promise<A> =>
    successOf(await runtime.runPromiseExit(effect))
  const close = () => runtime.dispose()
  try {
    await run(Effect.void)
    return { run, close }
  } catch (cause) {
    await close()
    throw cause
  }
}

/** Runs an effect that needs no services. */
export const runAsPromise = async <A, E>(effect: Effect.Effect<A, E>): Promise<A> =>
  successOf(await Effect.runPromiseExit(effect))

const successOf = <A, E>(exit: Exit.Exit<A, E>): A => {
  if (Exit.isFailure(exit)) throw Cause.squash(exit.cause)
  return exit.value
}
