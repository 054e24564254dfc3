// Loading plugins: each is tried in a process of its own before anything of it is registered.
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs"
import { isAbsolute, join, resolve } from "node:path"
import { Effect, Schema, type Scope, Semaphore } from "effect"
import { withinNeeds } from "../define.ts"
import type { Executor } from "../executor.ts"
import { isInRange, SDK_VERSION } from "../sdk-version.ts"
import type { ExecutorFacts } from "./messages.ts"
import { isWithin, type PluginPlace, pluginPlace } from "./permissions.ts"
import { makePlanner } from "./planner.ts"
import { loadedProcess, type Plugin } from "./plugin.ts"
import { PluginRefused } from "./plugin-refused.ts"
import { pluginCheck, pluginRun } from "./plugin-run.ts"

/** How plugins are kept apart from their host. */
export interface PluginOptions {
  /** Folders with data of the host, which no plugin may read. */
  readonly guarded?: ReadonlyArray<string>
  /** What a process may hold in its heap and buffers, in MiB; 256 unless told. */
  readonly memoryMb?: number
  /** Processes of one plugin that run plans at once; 16 unless told. */
  readonly runsMax?: number
}

const MEMORY_MB = 256
const RUNS_MAX = 16

/**
 * Loads a plugin: a module, or a folder with a package.json that names one as `main` (or an `index.js`, `.mjs` or `.ts`). It exports what
 * `defineExecutor` makes as `executor`, or a list as `executors`; entries that are falsy are left out. Its code never runs in this process.
 */
export const loadPlugin = Effect.fn("loadPlugin")(function* (
  path: string,
  options: PluginOptions = {}
): Effect.fn.Return<ReadonlyArray<Executor>, PluginRefused, Scope.Scope> {
  const refused = (reason: PluginRefused["reason"], detail: string) =>
    new PluginRefused({ plugin: path, reason, detail })
  const module = moduleOf(resolve(path))
  const place = module === undefined ? undefined : pluginPlace(module)
  if (place === undefined) return yield* refused("missing", "There is no such module. Check the path.")
  const plugin: Plugin = {
    place,
    limits: { memoryMb: options.memoryMb ?? MEMORY_MB },
    runs: yield* Semaphore.make(options.runsMax ?? RUNS_MAX)
  }
  const { executors } = yield* loadedProcess(plugin, { files: [], broker: undefined }).pipe(
    Effect.scoped,
    Effect.mapError(({ message }) => refused("load", message))
  )
  const problem = executors.map((facts) => problemOf(facts, place, options)).find((found) => found !== undefined)
  if (problem !== undefined) return yield* refused(...problem)
  const planner = yield* makePlanner(plugin)
  return executors.map((facts) => asExecutor(plugin, facts, planner))
})

/** Loads everything in a folder: its modules, and its folders. In order of name. */
export const loadPlugins = Effect.fn("loadPlugins")(function* (folder: string, options: PluginOptions = {}) {
  if (!existsSync(folder)) {
    return yield* new PluginRefused({ plugin: folder, reason: "missing", detail: "There is no such folder." })
  }
  const names = readdirSync(folder).filter((name) => !name.startsWith(".") && name !== "node_modules")
  const paths = names.map((name) => join(folder, name)).filter((path) => moduleOf(path) !== undefined)
  return (yield* Effect.forEach(paths.sort(), (path) => loadPlugin(path, options))).flat()
})

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

type Problem = readonly [reason: PluginRefused["reason"], detail: string]

const problemOf = (
  { id, sdk, needs }: ExecutorFacts,
  { folder }: PluginPlace,
  { guarded = [] }: PluginOptions
): Problem | undefined => {
  if (sdk === undefined) {
    return ["sdk", `Executor "${id}" does not say for which SDK it was made: add sdk: "^${SDK_VERSION}" to it.`]
  }
  if (isInRange(SDK_VERSION, sdk) !== true) {
    return [
      "sdk",
      `Executor "${id}" was made for SDK ${sdk}; this is ${SDK_VERSION}. Install a version of it that fits.`
    ]
  }
  const files = needs.files ?? []
  const relative = files.find((file) => !isAbsolute(file))
  if (relative !== undefined) return ["reach", `The file ${relative} that it declares is not an absolute path.`]
  const kept = guarded.filter((path) => existsSync(path)).map((path) => realpathSync(path))
  const own = kept.find((path) => isWithin(path, folder))
  if (own !== undefined) return ["reach", `Its folder ${folder} holds the host's data in ${own}. Move the plugin.`]
  const taken = files.filter((file) => existsSync(file)).map((file) => realpathSync(file))
  const reached = taken.find((file) => kept.some((path) => isWithin(path, file) || isWithin(file, path)))
  return reached === undefined ? undefined : ["reach", `The file ${reached} that it declares is the host's own data.`]
}
