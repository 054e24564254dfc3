// What the process of a plugin may read: its own folder, the libraries that it can import, and what it declares. Node's permission model
// (`--permission`) refuses everything else: other files, any write, processes, threads, addons and WASI.
import { existsSync, realpathSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join, sep } from "node:path"

/** A plugin on disk. */
export interface PluginPlace {
  /** The module, without symbolic links. */
  readonly module: string
  /** Its folder: the nearest one with a package.json, else that of the module. */
  readonly folder: string
}

/** Where the plugin lies, or `undefined` when there is no such file. */
export const pluginPlace = (path: string): PluginPlace | undefined => {
  if (!existsSync(path)) return undefined
  const module = realpathSync(path)
  const above = ancestors(dirname(module)).find((folder) => existsSync(join(folder, "package.json")))
  const isOwn = above !== undefined && !existsSync(join(above, "node_modules", ".package-lock.json"))
  return { module, folder: isOwn ? above : dirname(module) }
}

/** Is a path the folder itself, or in it? Both without symbolic links. */
export const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}${sep}`)

/** Found as packages, because a bundle holds this code too, and no file beside it. */
const folderOf = (name: string): string =>
  dirname(realpathSync(createRequire(import.meta.url).resolve(`${name}/package.json`)))
const OWN = folderOf("@fluxcybers/executor")
const CORE = folderOf("@fluxcybers/core")
const BUILT = join(OWN, "dist", "plugin-process", "main.js")
const isSource = import.meta.url.endsWith(".ts") || !existsSync(BUILT)

/** The program of a plugin's process. */
export const PROCESS_MODULE = isSource ? join(OWN, "src", "plugin-process", "main.ts") : BUILT

/** Options of Node.js for that program. */
export const nodeOptions = (place: PluginPlace, files: ReadonlyArray<string>): ReadonlyArray<string> => [
  "--permission",
  ...readable(place, files).map((path) => `--allow-fs-read=${path}`),
  ...(isSource ? ["--conditions=@fluxcybers/source"] : []),
  "--disable-sigusr1",
  "--no-addons"
]

const readable = ({ folder }: PluginPlace, files: ReadonlyArray<string>): ReadonlyArray<string> => {
  const above = [...new Set([folder, OWN, CORE].flatMap(ancestors))]
  const libraries = above.map((each) => join(each, "node_modules"))
  const manifests = above.map((each) => join(each, "package.json"))
  return [folder, OWN, CORE, ...[...libraries, ...manifests, ...files].filter((path) => existsSync(path))]
}

function ancestors(folder: string): ReadonlyArray<string> {
  const above = dirname(folder)
  return above === folder ? [folder] : [folder, ...ancestors(above)]
}
