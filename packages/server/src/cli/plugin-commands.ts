// `plugin`: what a folder of plugins holds, and whether a plugin keeps what executors promise. Needs no server.
import { Effect, Option, Result } from "effect"
import { Argument, Command } from "effect/cli"
import { CliFailure, usageFailure } from "./failure.ts"
import { answer } from "./output.ts"
import { pluginTest } from "./plugin-test-command.ts"
import { serverSettings } from "./serve-command.ts"
import { table } from "./table.ts"

const list = Command.make(
  "list",
  {
    folder: Argument.String("folder").pipe(
      Argument.withDescription("A folder of plugins; FLUXCYBERS_PLUGINS unless told"),
      Argument.optional
    )
  },
  Effect.fnUntraced(function* (given) {
    const { hasNamespaces } = yield* Effect.promise(() => import("@fluxcybers/executor/plugins"))
    const settings = yield* serverSettings({ plugins: Option.getOrUndefined(given.folder) })
    if (settings.plugins === undefined) {
      return yield* usageFailure("No folder of plugins is named. Give one, or set FLUXCYBERS_PLUGINS.")
    }
    const isolation = (yield* Effect.promise(hasNamespaces)) ? "kernel" : "process"
    const found = yield* loadedPlugins(settings.plugins, settings.directory)
    yield* answer({ folder: settings.plugins, isolation, plugins: found }, () => listText(isolation, found))
    const refused = found.filter((each) => "refused" in each).length
    if (refused > 0) return yield* pluginsRefused(refused)
  })
).pipe(
  Command.withDescription(
    "Load each plugin of a folder in a process of its own, as a server would, and list what it brings and what it may reach at most. " +
      "Exits with 1 when one is refused. Asks no server."
  ),
  Command.withShortDescription("List the plugins of a folder, and what they may reach"),
  Command.withExamples([
    { command: "fluxcybers plugin list" },
    { command: "fluxcybers plugin list /etc/fluxcybers/plugins --json" }
  ])
)

type Needs = {
  readonly hosts?: ReadonlyArray<string>
  readonly secrets?: ReadonlyArray<string>
  readonly files?: ReadonlyArray<string>
}

interface ListedExecutor {
  readonly id: string
  readonly version: string
  readonly sdk?: string | undefined
  readonly summary: string
  readonly needsTarget: boolean
  readonly needs: Needs
}

type Listed =
  | { readonly plugin: string; readonly executors: ReadonlyArray<ListedExecutor> }
  | { readonly plugin: string; readonly refused: { readonly reason: string; readonly detail: string } }

const loadedPlugins = Effect.fnUntraced(function* (folder: string, dataDirectory: string) {
  const { loadPlugin, pluginPaths } = yield* Effect.promise(() => import("@fluxcybers/executor/plugins"))
  const paths = yield* Effect.mapError(pluginPaths(folder), (refused) => usageFailure(refused.message))
  return yield* Effect.forEach(paths, (plugin) =>
    Effect.map(
      Effect.result(Effect.scoped(loadPlugin(plugin, { guarded: [dataDirectory] }))),
      (loaded): Listed =>
        Result.isFailure(loaded)
          ? { plugin, refused: { reason: loaded.failure.reason, detail: loaded.failure.detail } }
          : {
              plugin,
              executors: loaded.success.map(({ id, version, sdk, summary, needsTarget, needs = {} }) => ({
                id,
                version,
                sdk,
                summary,
                needsTarget,
                needs
              }))
            }
    )
  )
})

const listText = (isolation: keyof typeof ISOLATION, found: ReadonlyArray<Listed>): string => {
  const rows = found.flatMap((each) =>
    "refused" in each
      ? [["REFUSED", "", "", "", "", each.plugin]]
      : each.executors.map(({ id, version, sdk = "", needs: { hosts = [], secrets = [] } }) => [
          id,
          version,
          sdk,
          hosts.join(" "),
          secrets.join(" "),
          each.plugin
        ])
  )
  const reasons = found.flatMap((each) => ("refused" in each ? [`${each.plugin}: ${each.refused.detail}\n`] : []))
  const listed = table(
    ["EXECUTOR", "VERSION", "SDK", "HOSTS", "SECRETS", "PLUGIN"],
    rows,
    "There are no plugins in it."
  )
  return [listed, ...reasons, ISOLATION[isolation]].join("")
}

const ISOLATION = {
  kernel: "Network: each run is in a network namespace of its own; the kernel holds it to the hosts of its plan.\n",
  process:
    "Network: a guard in the plugin's process holds it to the hosts of its plan. Code that is written to get around it can: " +
    "this machine has no unprivileged user namespaces, or no util-linux.\n"
} as const

const pluginsRefused = (count: number) =>
  new CliFailure({
    exit: "failure",
    code: "plugins-refused",
    title: "Plugins are refused",
    detail: `${count === 1 ? "1 plugin is" : `${count} plugins are`} refused; a server would not start with this folder.`
  })

export const plugin = Command.make("plugin").pipe(
  Command.withDescription("Executors of others, which run in processes of their own: list, test"),
  Command.withSubcommands([list, pluginTest])
)
