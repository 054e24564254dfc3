import { readFileSync } from "node:fs"
import { join } from "node:path"

type Manifest = { readonly exports: Record<string, string | Record<string, string>> }

/** The source files behind a package's `exports`, keyed by their output path: the manifest is the one list of entry points. */
export const entries = (packageDir: string): Record<string, string> => {
  const manifest = JSON.parse(readFileSync(join(packageDir, "package.json"), "utf8")) as Manifest
  const sources = Object.values(manifest.exports).flatMap((target) =>
    typeof target === "string" || target["@fluxcybers/source"] === undefined ? [] : [target["@fluxcybers/source"]]
  )
  return Object.fromEntries(sources.map((source) => [source.replace("./src/", "").replace(/\.ts$/, ""), source]))
}
