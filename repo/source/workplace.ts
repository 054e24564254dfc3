// Words that belong to one person's machine and not to the project.
import { existsSync, readFileSync } from "node:fs"
import { dirname, join, normalize } from "node:path"
import { filesMatching, ROOT } from "./source.ts"

/** The checkout's own path, and a folder that only a workplace has. The bracket keeps this file from matching itself. */
const LOCAL_PATH = new RegExp(`${ROOT.replaceAll(/[^\w/]/g, "\\$&")}|(?<![\\w.-])/w[o]rk(?![\\w-])`, "g")
const RELATIVE_PATH = /(?<![\w./-])(?:\.\.\/)+[\w.-]+/g
/** Where the lock file may say that a package came from. */
const PUBLIC_REGISTRY = "registry.npmjs.org"
const VECTORS = "docs/spec/vectors/"

/** Every mention of a local path, of a file outside the repository, or of the registry that this machine happens to use. */
export const workplaceWords = (): ReadonlyArray<string> =>
  filesMatching("**/*", ".*", ".{ci,changeset,github}/**/*")
    .filter((path) => !path.startsWith(VECTORS))
    // What builds and tests write beside the sources may be gone again.
    .filter((path) => existsSync(join(ROOT, path)))
    .flatMap((path) => {
      const text = readFileSync(join(ROOT, path), "utf8")
      return text.includes("\0") ? [] : wordsOf(path, text).map((word) => `${path} ${word}`)
    })

const wordsOf = (path: string, text: string): ReadonlyArray<string> => [
  ...(text.match(LOCAL_PATH) ?? []),
  ...(text.match(RELATIVE_PATH) ?? []).filter((relative) => leadsOut(path, relative)),
  ...registryHosts().filter((host) => text.includes(host))
]

const leadsOut = (path: string, relative: string) => normalize(join(dirname(path), relative)).startsWith("..")

const registryHosts = (): ReadonlyArray<string> => {
  const registry = process.env["npm_config_registry"]
  const host = registry === undefined ? PUBLIC_REGISTRY : new URL(registry).host
  return host === PUBLIC_REGISTRY ? [] : [host]
}
