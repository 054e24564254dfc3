// A plugin that was found: its place, its limits, and processes of it that have loaded it.
import { Effect, type Scope, type Semaphore } from "effect"
import type { ExecutorFacts } from "./messages.ts"
import type { PluginPlace } from "./permissions.ts"
import { type PluginProcess, PluginProcessEnded, startPluginProcess } from "./process.ts"

/** What the processes of a plugin get. */
export interface PluginLimits {
  /** What heap and buffers may hold together, in MiB. The kernel holds it to that on Linux, within the 640 MiB that Node.js reserves. */
  readonly memoryMb: number
  /** Importing the plugin and everything that it imports. */
  readonly loadMs: number
  /** A plan is made of an input and nothing else: there is nothing to wait for. */
  readonly planMs: number
  /** To end its work when it is told to stop; then it is killed, and nobody knows how far it came. */
  readonly stopMs: number
}

export const PLUGIN_LIMITS: PluginLimits = { memoryMb: 256, loadMs: 20_000, planMs: 5_000, stopMs: 10_000 }

export interface Plugin {
  readonly place: PluginPlace
  readonly limits: PluginLimits
  /** How many processes of it run plans at once. */
  readonly runs: Semaphore.Semaphore
}

/** What a process of it is given besides. */
export interface Reach {
  readonly files: ReadonlyArray<string>
  readonly broker: string | undefined
}

/** A process that has loaded the plugin, and what it exports. */
export const loadedProcess = Effect.fnUntraced(function* (
  { place, limits }: Plugin,
  reach: Reach
): Effect.fn.Return<
  { readonly process: PluginProcess; readonly executors: ReadonlyArray<ExecutorFacts> },
  PluginProcessEnded,
  Scope.Scope
> {
  const process = yield* startPluginProcess({ place, memoryMb: limits.memoryMb, ...reach })
  const first = yield* within(process, limits.loadMs, "was not loaded")
  if (first._tag === "Ready") return { process, executors: first.executors }
  const detail =
    first._tag === "LoadFailed" ? `could not load it: ${first.detail}` : "did not begin with what it exports."
  return yield* new PluginProcessEnded({ detail })
})

/** The next message, if it comes in time. */
export const within = (process: PluginProcess, msMax: number, what: string) =>
  Effect.timeoutOrElse(process.next, {
    duration: msMax,
    orElse: () => Effect.fail(new PluginProcessEnded({ detail: `${what} within ${msMax} ms.` }))
  })
