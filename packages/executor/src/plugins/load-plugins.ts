// Loading plugins: each is tried in a process of its own before anything of it is registered.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { join, resolve } from "node:path"
import { Effect, Schema, type Scope, Semaphore } from "effect"
import { withinNeeds } from "../define.ts"
import type { Executor } from "../executor.ts"
import type { ExecutorFacts } from "./messages.ts"
import { pluginPlace } from "./permissions.ts"
import { makePlanner } from "./planner.ts"
import { loadedProcess, PLUGIN_LIMITS, type Plugin, type PluginLimits } from "./plugin.ts"
import { pluginProblem } from "./plugin-problem.ts"
import { PluginRefused } from "./plugin-refused.ts"
import { pluginCheck, pluginRun } from "./plugin-run.ts"

/** How plugins are kept apart from their host. */
export interface PluginOptions {
  /** Folders with data of the host, which no plugin may read. */
  readonly guarded?: ReadonlyArray<string>
  readonly limits?: Partial<PluginLimits>
}

/** Processes of one plugin that run plans at once; further runs wait. */
const RUNS_MAX = 16

/**
 * Loads a plugin: a module, or a folder with a package.json that names one as `main` (or an `index.js`, `.mjs` or `.ts`). It exports what
 * `defineExecutor` makes as `executor`, or a list as `executors`; entries that are falsy are left out. Its code never runs in this process.
 */
export const loadPlugin = Effect.fn("loadPlugin")(function* (
  path: string,
  { guarded = [], limits = {} }: PluginOptions = {}
): Effect.fn.Return<ReadonlyArray<Executor>, PluginRefused, Scope.Scope> {
  const refused = (reason: PluginRefused["reason"], detail: string) =>
    new PluginRefused({ plugin: path, reason, detail })
  const module = moduleOf(resolve(path))
  const place = module === undefined ? undefined : pluginPlace(module)
  if (place === undefined) return yield* refused("missing", "There is no such module. Check the path.")
  const open = [place.folder, place.module].find(isOpenToAll)
  if (open !== undefined) return yield* refused("rights", openToAll(open))
  const plugin: Plugin = {
    place,
    limits: { ...PLUGIN_LIMITS, ...limits },
    runs: yield* Semaphore.make(RUNS_MAX)
  }
  const { executors } = yield* loadedProcess(plugin, { files: [], broker: undefined }).pipe(
    Effect.scoped,
    Effect.mapError(({ message }) => refused("load", message))
  )
  const problem = executors
    .map((facts) => pluginProblem(facts, { folder: place.folder, guarded }))
    .find((found) => found !== undefined)
  if (problem !== undefined) return yield* refused(...problem)
  const planner = yield* makePlanner(plugin)
  return executors.map((facts) => asExecutor(plugin, facts, planner))
})

/** Loads everything in a folder: its modules, and its folders. In order of name. */
export const loadPlugins = Effect.fn("loadPlugins")(function* (folder: string, options: PluginOptions = {}) {
  const paths = yield* pluginPaths(folder)
  return (yield* Effect.forEach(paths, (path) => loadPlugin(path, options))).flat()
})

/** The plugins in a folder, unread: its modules, and its folders that hold one. In order of name. */
export const pluginPaths = (folder: string): Effect.Effect<ReadonlyArray<string>, PluginRefused> =>
  Effect.suspend(() => {
    const refused = (reason: PluginRefused["reason"], detail: string) =>
      Effect.fail(new PluginRefused({ plugin: folder, reason, detail }))
    if (!existsSync(folder) || !statSync(folder).isDirectory()) return refused("missing", "There is no such folder.")
    if (isOpenToAll(folder)) return refused("rights", openToAll(folder))
    const names = readdirSync(folder).filter((name) => !name.startsWith(".") && name !== "node_modules")
    return Effect.succeed(
      names
        .map((name) => join(folder, name))
        .filter((path) => moduleOf(path) !== undefined)
        .sort()
    )
  })

const WRITE_OF_OTHERS = 0o002

/** Who may write a plugin decides what it runs, with the secrets that people approved for it. */
const isOpenToAll = (path: string): boolean => (statSync(path).mode & WRITE_OF_OTHERS) !== 0

const openToAll = (path: string): string => `Every account of this machine may write ${path}. Run: chmod o-w ${path}`

const asExecutor = (
  plugin: Plugin,
  facts: ExecutorFacts,
  planner: Effect.Success<ReturnType<typeof makePlanner>>
): Executor => ({
  id: facts.id,
  version: facts.version,
  sdk: facts.sdk,
  needs: facts.needs,
  summary: facts.summary,
  needsTarget: facts.needsTarget,
  plan: (input) => Effect.flatMap(planner(facts.id)(input), withinNeeds(facts.needs)),
  run: pluginRun(plugin, facts),
  check: facts.canCheck ? pluginCheck(plugin, facts) : undefined
})

const MODULE = /\.(?:m?js|ts)$/
const Manifest = Schema.fromJsonString(Schema.Struct({ main: Schema.optionalKey(Schema.String) }))
const readManifest = Schema.decodeUnknownOption(Manifest)

const moduleOf = (path: string): string | undefined => {
  if (!existsSync(path)) return undefined
  if (!statSync(path).isDirectory()) return MODULE.test(path) ? path : undefined
  const manifest = join(path, "package.json")
  const read = existsSync(manifest) ? readManifest(readFileSync(manifest, "utf8")) : undefined
  const named = read?._tag === "Some" && read.value.main !== undefined ? [read.value.main] : []
  return [...named, "index.js", "index.mjs", "index.ts"]
    .map((name) => join(path, name))
    .find((each) => existsSync(each))
}
