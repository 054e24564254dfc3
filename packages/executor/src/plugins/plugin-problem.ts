// Whether a host can use what a plugin says of an executor.
import { existsSync, realpathSync } from "node:fs"
import { isAbsolute } from "node:path"
import { isInRange, SDK_VERSION } from "../sdk-version.ts"
import type { ExecutorFacts } from "./messages.ts"
import { isWithin } from "./permissions.ts"
import type { PluginRefused } from "./plugin-refused.ts"

/** One word alone is an executor of ours: a plugin must not look like one. */
const PLUGIN_ID = /^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/

type Problem = readonly [reason: PluginRefused["reason"], detail: string]

/** `folder` is the plugin's, `guarded` are folders of the host. */
export const pluginProblem = (
  { id, sdk, needs }: ExecutorFacts,
  { folder, guarded }: { readonly folder: string; readonly guarded: ReadonlyArray<string> }
): Problem | undefined => {
  if (!PLUGIN_ID.test(id)) {
    return [
      "id",
      `"${id}" is not an id for an executor of a plugin: use words of a-z, 0-9 and -, joined by dots (acme.restart).`
    ]
  }
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
