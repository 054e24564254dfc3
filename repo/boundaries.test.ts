// Who may import whom, as a test. The lists below are the whole policy; a new library is added here together with its one place.
import { existsSync, readFileSync } from "node:fs"
import { isBuiltin } from "node:module"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { type Import, importedFile, importsOf, isRelative, packageOf, placeOf } from "./source/imports.ts"
import { filesMatching, parseSource, ROOT } from "./source/source.ts"

/** Arrows point upward only, siblings never meet: what each package may import of the others. */
const ARROWS: Readonly<Record<string, ReadonlyArray<string>>> = {
  core: [],
  vault: ["core"],
  executor: ["core"],
  privacy: ["core"],
  server: ["core", "vault", "executor", "privacy"],
  // Writes files that import the executor; imports nothing of ours itself.
  "create-executor": []
}

/** Every library, and every part of Effect that is tagged unstable, with the files or folders that wrap it. */
const WRAPPED: Readonly<Record<string, ReadonlyArray<string>>> = {
  // The server uses SQLite's file lock, which the kernel releases with the process, to hold its data directory.
  "better-sqlite3": ["packages/core/src/database/sqlite.ts", "packages/server/src/data/directory-lock.ts"],
  "@effect/sql-pg": ["packages/core/src/database/postgres.ts"],
  "effect/sql": ["packages/core/src/database/"],
  "effect/reactivity": ["packages/core/src/database/"],
  "@aws-sdk/client-kms": ["packages/vault/src/aws-kms.ts"],
  ssh2: ["packages/executor/src/ssh/", "packages/executor/src/testing/"],
  "@simplewebauthn/server": ["packages/server/src/data/passkeys.ts"],
  hono: ["packages/server/src/http/"],
  nodemailer: ["packages/server/src/mail/"],
  "@hono/node-server": ["packages/server/src/http/"],
  "effect/http": ["packages/server/src/api/", "packages/server/src/http/", "packages/server/src/cli/"],
  "effect/http-api": ["packages/server/src/api/", "packages/server/src/http/", "packages/server/src/cli/"],
  "effect/cli": ["packages/server/src/cli/"],
  "@effect/platform-node": ["packages/server/src/cli/", "packages/server/src/http/"],
  yaml: ["packages/executor/src/rules/", "packages/privacy/src/inventory/fideslang.ts"],
  unbash: ["packages/executor/src/classify/"],
  re2js: ["packages/executor/src/runbook/"],
  "@effect/vitest": ["packages/executor/src/testing/"],
  vitest: ["packages/executor/src/testing/"]
}

/** Names of the `effect` module itself that are tagged unstable. */
const UNSTABLE_NAMES: Readonly<Record<string, ReadonlyArray<string>>> = {
  FileSystem: ["packages/server/src/cli/"],
  Path: ["packages/server/src/cli/"],
  PlatformError: ["packages/server/src/cli/"],
  Stdio: ["packages/server/src/cli/"],
  Terminal: ["packages/server/src/cli/"],
  ...Object.fromEntries(
    ["Arbitrary", "ErrorReporter", "ExecutionPlan", "Graph", "LayerMap", "Newtype", "PartitionedSemaphore"].map(
      (name) => [name, []]
    )
  )
}

/** The stable modules of Effect. */
const STABLE = new Set([
  "effect",
  "effect/testing",
  "effect/encoding/Base64",
  "effect/encoding/Base64Url",
  "effect/encoding/Hex"
])

/** Subpaths that load native code: only the server and the promise facades, which bring everything along, open them. */
const NATIVE = new Set(["@fluxcybers/core/sqlite", "@fluxcybers/core/postgres", "@fluxcybers/executor/ssh"])
const NATIVE_LIBRARIES = new Set(["better-sqlite3", "@effect/sql-pg", "ssh2"])

const packages = Object.keys(ARROWS)
const imports = filesMatching("packages/*/{src,test}/**/*.{ts,tsx}", "examples/**/*.{ts,tsx}").flatMap((path) =>
  importsOf(parseSource(path))
)
const ofSources = imports.filter(({ source }) => /^packages\/[^/]+\/src\//.test(source.path))
const owner = ({ source }: Import) => source.path.split("/").slice(0, 2).join("/")
const isWithin = (path: string, places: ReadonlyArray<string>) =>
  places.some((place) => (place.endsWith("/") ? path.startsWith(place) : path === place))

/** What a manifest lets its sources import; its tests may import what is for development as well. */
const declaredBy = (folder: string, forTests: boolean): ReadonlySet<string> => {
  const manifest = JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8"))
  const sections = ["dependencies", "peerDependencies", ...(forTests ? ["devDependencies"] : [])]
  return new Set(sections.flatMap((section) => Object.keys(manifest[section] ?? {})))
}

describe("packages", () => {
  it("arrows point from the server down to core, and siblings never meet", () => {
    const wrong = ofSources.filter((each) => {
      const target = /^@fluxcybers\/([^/]+)/.exec(each.from)?.[1]
      return target !== undefined && !ARROWS[owner(each).slice("packages/".length)]?.includes(target)
    })
    expect(wrong.map(placeOf)).toEqual([])
  })

  it("every package is in the list of arrows", () => {
    expect(filesMatching("packages/*/package.json").map((path) => path.split("/")[1])).toEqual([...packages].sort())
  })

  it("a package imports only what its package.json declares", () => {
    const wrong = imports.filter((each) => {
      const name = packageOf(each)
      if (name === undefined) return false
      const isTest = each.source.path.startsWith(`${owner(each)}/test/`)
      if (isTest && owner(each) === name.replace("@fluxcybers", "packages")) return false
      return !declaredBy(owner(each), isTest).has(name) && !(isTest && declaredBy(".", true).has(name))
    })
    expect(wrong.map(placeOf)).toEqual([])
  })

  it("a relative import stays in its package; a test or an example may reach the shared test setup", () => {
    const wrong = imports.filter(isRelative).filter((each) => {
      const file = importedFile(each)
      const mayShare = /^examples\/|\/test\//.test(each.source.path) && file.startsWith("repo/testing/")
      return !file.startsWith(`${owner(each)}/`) && !mayShare
    })
    expect(wrong.map(placeOf)).toEqual([])
  })
})

describe("libraries", () => {
  it("each library and each unstable part of Effect is imported only where it is wrapped", () => {
    const wrong = ofSources.filter((each) => {
      if (packageOf(each) === undefined || each.from.startsWith("@fluxcybers/") || STABLE.has(each.from)) return false
      const wrapped = Object.entries(WRAPPED).filter(([name]) => each.from === name || each.from.startsWith(`${name}/`))
      return !wrapped.some(([, places]) => isWithin(each.source.path, places))
    })
    expect(wrong.map(placeOf)).toEqual([])
  })

  it("names of the effect module that are tagged unstable are imported only where they are wrapped", () => {
    const wrong = ofSources.filter(
      ({ from, names, source }) =>
        from === "effect" &&
        names.some((name) => UNSTABLE_NAMES[name] !== undefined && !isWithin(source.path, UNSTABLE_NAMES[name]))
    )
    expect(wrong.map(placeOf)).toEqual([])
  })

  it("Node's own modules are named with node:", () => {
    expect(imports.filter(({ from }) => isBuiltin(from) && !from.startsWith("node:")).map(placeOf)).toEqual([])
  })
})

describe("native code", () => {
  it("only the server and the promise facades open a subpath that loads native code", () => {
    const wrong = ofSources.filter(
      (each) =>
        NATIVE.has(each.from) && owner(each) !== "packages/server" && !each.source.path.endsWith("/src/promise.ts")
    )
    expect(wrong.map(placeOf)).toEqual([])
  })

  it.each(packages.filter((name) => name !== "server"))("importing @fluxcybers/%s loads no native library", (name) => {
    const loaded = loadedFrom(`packages/${name}/src/index.ts`, new Set())
    expect(loaded.filter((each) => NATIVE_LIBRARIES.has(packageOf(each) ?? "")).map(placeOf)).toEqual([])
  })
})

/** Everything that loading a file imports, through relative imports. */
const loadedFrom = (path: string, seen: Set<string>): ReadonlyArray<Import> => {
  if (seen.has(path) || !existsSync(join(ROOT, path))) return []
  seen.add(path)
  const atRunTime = importsOf(parseSource(path)).filter(({ typeOnly }) => !typeOnly)
  return [...atRunTime, ...atRunTime.filter(isRelative).flatMap((each) => loadedFrom(importedFile(each), seen))]
}
