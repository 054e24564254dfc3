// The `fluxcybers` command as few files: node spends 0.2 s on loading them, and 0.8 s on the 700 modules that they are made of.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { build, type Metafile, type Plugin } from "esbuild"

const REPOSITORY = resolve(import.meta.dirname, "../..")
const SERVER = join(REPOSITORY, "packages/server")

/** One copy of Effect must serve all of these, so they are bundled together; everything else stays a dependency. */
const BUNDLED = /^(@fluxcybers\/|effect$|@effect\/)/

/** What is bundled and is CommonJS (`yaml`) requires modules of node's, which a file of ES modules has no function for. */
const REQUIRE = 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);'

/** Bundles the command line into `folder`, with the licences of what is inside. */
export const bundleCommand = async (folder: string): Promise<void> => {
  rmSync(folder, { recursive: true, force: true })
  const { metafile } = await build({
    absWorkingDir: REPOSITORY,
    entryPoints: { main: join(SERVER, "src/cli/main.ts") },
    outdir: folder,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22.19",
    conditions: ["@fluxcybers/source"],
    external: [...dependenciesOfTheServer(), "@aws-sdk/*"],
    plugins: [withoutApiBrowsers],
    banner: { js: REQUIRE },
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
    logLevel: "warning"
  })
  writeFileSync(join(folder, "THIRD-PARTY-NOTICES.txt"), notices(metafile))
}

const dependenciesOfTheServer = (): ReadonlyArray<string> => {
  const { dependencies } = JSON.parse(readFileSync(join(SERVER, "package.json"), "utf8"))
  return Object.keys(dependencies).filter((name) => !BUNDLED.test(name))
}

/** Effect's two API browsers, 5 MB of pages that this service does not show. */
const withoutApiBrowsers: Plugin = {
  name: "without API browsers",
  setup: (bundle) => {
    bundle.onLoad({ filter: /httpApi(Scalar|Swagger)\.js$/ }, () => ({
      contents: 'throw new Error("The command does not contain the API browsers.")'
    }))
  }
}

const notices = (metafile: Metafile): string => {
  const inside = Object.keys(metafile.inputs).flatMap(
    (path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []
  )
  return [...new Set(inside)]
    .toSorted()
    .map(notice)
    .join(`\n${"-".repeat(80)}\n\n`)
}

const notice = (packageFolder: string): string => {
  const folder = join(REPOSITORY, packageFolder)
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  return `${name} ${version} (${license})\n\n${file === undefined ? "" : readFileSync(join(folder, file), "utf8")}`
}

if (import.meta.main) await bundleCommand(join(SERVER, "dist/cli"))
