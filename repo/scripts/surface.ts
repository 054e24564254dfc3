// npm run surface             writes repo/surface/<package>.txt, and http-api.txt
// npm run surface -- --check  compares instead, prints the difference, and fails when there is one
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import { Api } from "@fluxcybers/server"
import { OpenApi } from "effect/http-api"
import { httpSurface } from "../source/http-surface.ts"
import { publicApi } from "../source/public-api.ts"
import { filesMatching, parseIn, ROOT } from "../source/source.ts"
import { surfaceText } from "../source/surface.ts"
import { entries } from "./entries.ts"

const FOLDER = join(ROOT, "repo", "surface")

/** Compiles the declarations of the whole repository into a folder; types that are not clean would give a wrong surface. */
const compile = (folder: string): void => {
  const flags = ["--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--outDir", folder]
  const { status, stdout } = spawnSync("npx", ["tsc", "-p", "tsconfig.json", ...flags], { cwd: ROOT, encoding: "utf8" })
  if (status !== 0)
    throw new Error(`The types are not clean, so there is no surface. First "npm run typecheck":\n${stdout}`)
}

/** One section for each path that the manifest opens. */
const packageSurface = (manifestPath: string, folder: string): string => {
  const home = dirname(manifestPath)
  const { name, exports } = JSON.parse(readFileSync(join(ROOT, manifestPath), "utf8"))
  const load = (path: string) => parseIn(folder, path.replace(/\.ts$/, ".d.ts"))
  const sections = Object.entries(entries(join(ROOT, home))).map(([output, source]) => {
    const subpath = Object.keys(exports).find((key) => exports[key]["@fluxcybers/source"] === source) ?? output
    const api = publicApi(load(join(home, source)), load)
    return `${"=".repeat(8)} ${join(name, subpath)}\n\n${surfaceText(api)}\n`
  })
  return sections.join("\n")
}

const difference = (file: string, text: string): string => {
  const { stdout } = spawnSync(
    "diff",
    ["-u", "--label", `${basename(file)} as committed`, "--label", "now", file, "-"],
    {
      input: text,
      encoding: "utf8"
    }
  )
  return stdout
}

const surfaces = (): ReadonlyArray<readonly [string, string]> => {
  const folder = mkdtempSync(join(tmpdir(), "fluxcybers-surface-"))
  try {
    compile(folder)
    const packages = filesMatching("packages/*/package.json").map(
      (manifest) => [join(FOLDER, `${basename(dirname(manifest))}.txt`), packageSurface(manifest, folder)] as const
    )
    return [...packages, [join(FOLDER, "http-api.txt"), httpSurface(OpenApi.fromApi(Api))]]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const check = (): void => {
  const changes = surfaces()
    .map(([file, text]) => difference(file, text))
    .filter((change) => change !== "")
  if (changes.length === 0) return
  console.log(changes.join("\n"))
  console.log('The public surface changed. If that is meant: "npm run surface", a changeset, and commit both.')
  process.exitCode = 1
}

if (process.argv.includes("--check")) check()
else {
  mkdirSync(FOLDER, { recursive: true })
  for (const [file, text] of surfaces()) writeFileSync(file, text)
}
