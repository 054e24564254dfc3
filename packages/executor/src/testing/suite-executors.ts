// Executors for the suite that were made without Effect: by the SDK, or by a plugin in processes of its own.
import { Effect, Exit, Scope } from "effect"
import type { Executor } from "../executor.ts"
import type { ExecutorHandle } from "../facade/define.ts"
import { loadPlugin } from "../plugins/load-plugins.ts"

/** For `make`: what `defineExecutor` of the SDK made. */
export const madeExecutor = (handle: ExecutorHandle): Effect.Effect<Executor> =>
  // The SDK's handles are executors that do not show their Effect types.
  Effect.succeed(handle as Executor)

/**
 * For `make`: an executor of a plugin, loaded as a server loads it, from its module or its folder. With several, name one by its id. It is loaded
 * once, and its process for plans is kept until the tests' own process ends; every run has one of its own.
 */
export const pluginExecutor = (path: string, id?: string): Effect.Effect<Executor> => {
  const load = loadPlugin(path).pipe(
    Scope.provide(Scope.makeUnsafe()),
    Effect.map((executors) => executors.find((executor) => id === undefined || executor.id === id)),
    Effect.orDie,
    Effect.flatMap((executor) =>
      executor === undefined
        ? Effect.die(new Error(`The plugin ${path} has no executor "${id}".`))
        : Effect.succeed(executor)
    ),
    Effect.exit
  )
  let loaded: Promise<Exit.Exit<Executor>> | undefined
  return Effect.flatten(
    Effect.promise(() => {
      loaded ??= Effect.runPromise(load)
      return loaded
    })
  )
}
