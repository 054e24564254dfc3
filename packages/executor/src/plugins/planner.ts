// Plans of a plugin: made in a process that is kept, without secrets and without network, one at a time.
import { Effect, Exit, Scope, Semaphore } from "effect"
import { inputRefused } from "../define.ts"
import type { Executor } from "../executor.ts"
import { loadedProcess, type Plugin, within } from "./plugin.ts"
import { type PluginProcess, PluginProcessEnded } from "./process.ts"

interface Kept {
  readonly process: PluginProcess
  readonly scope: Scope.Closeable
}

/** `plan` for the executor of that id. A process that crashes, hangs or breaks down is thrown away; the next plan gets a new one. */
export const makePlanner = Effect.fnUntraced(function* (plugin: Plugin) {
  const turn = yield* Semaphore.make(1)
  let kept: Kept | undefined
  const drop = Effect.suspend(() => {
    const scope = kept?.scope
    kept = undefined
    return scope === undefined ? Effect.void : Scope.close(scope, Exit.void)
  })
  yield* Effect.addFinalizer(() => drop)
  const process = Effect.suspend(() =>
    kept === undefined
      ? Effect.tap(startKept(plugin), (started) => {
          kept = started
          return Effect.void
        })
      : Effect.succeed(kept)
  )
  const ask = Effect.fnUntraced(function* (executor: string, input: unknown) {
    const { process: running } = yield* process
    running.send({ _tag: "Plan", executor, input })
    const answer = yield* within(running, plugin.limits.planMs, "made no plan")
    if (answer._tag === "Planned" || answer._tag === "Refused") return answer
    const detail = answer._tag === "BrokeDown" ? `broke down: ${answer.detail}` : "answered something else."
    return yield* new PluginProcessEnded({ detail })
  })
  return (executor: string): Executor["plan"] =>
    (input) =>
      ask(executor, input).pipe(
        Effect.onExit((exit) => (Exit.isSuccess(exit) ? Effect.void : drop)),
        turn.withPermits(1),
        Effect.catch((error) => Effect.fail(inputRefused(error.message))),
        Effect.flatMap((answer) =>
          answer._tag === "Planned" ? Effect.succeed(answer.draft) : Effect.fail(inputRefused(answer.detail))
        )
      )
})

const startKept = Effect.fnUntraced(function* (plugin: Plugin) {
  const scope = yield* Scope.make()
  const { process } = yield* loadedProcess(plugin, { files: [], broker: undefined }).pipe(
    Scope.provide(scope),
    Effect.onExit((exit) => (Exit.isSuccess(exit) ? Effect.void : Scope.close(scope, exit)))
  )
  return { process, scope }
})
