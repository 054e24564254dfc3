// The README shows code that runs: what it quotes is a file, and what it tells a reader to type exists.
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { filesMatching, ROOT } from "./source/source.ts"

const SCREEN_LINES_MAX = 150

const readmes = filesMatching("README.md", "packages/*/README.md", "examples/**/README.md")
const read = (path: string) => readFileSync(join(ROOT, path), "utf8")

/** ```` ```ts examples/…/promise.ts ```` and what stands in it. */
const quotes = (path: string) =>
  [...read(path).matchAll(/^```ts (\S+)\n(.*?)^```$/gms)].map(([, file, code]) => ({ file: file!, code: code! }))

const scripts = JSON.parse(read("package.json")).scripts as Record<string, string>

describe("README", () => {
  it("quotes both examples", () => {
    expect(quotes("README.md").map(({ file }) => file)).toEqual([
      "examples/01-seal-and-reveal/src/promise.ts",
      "examples/02-approve-and-run/src/promise.ts"
    ])
  })

  it.each(readmes.flatMap((path) => quotes(path).map(({ file, code }) => ({ path, file, code }))))(
    "$path quotes $file as it is",
    ({ file, code }) => {
      expect(code).toBe(read(file))
    }
  )

  it("the example of core runs, and its proof is one", async () => {
    const { proof } = await import("../packages/core/test/readme.ts")
    expect(proof).toMatch(/^c2sp\.org\/tlog-proof@v1\n/)
  })

  it.each(["README.md", "CONTRIBUTING.md"])("every npm script that %s names exists", (path) => {
    const named = [...read(path).matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, name]) => name!)
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([])
  })

  it("every package has a README, and none is longer than a screen and a half", () => {
    const folders = filesMatching("packages/*/package.json").map((path) => path.replace("package.json", "README.md"))
    expect(folders.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
    expect(readmes.filter((path) => read(path).split("\n").length > SCREEN_LINES_MAX)).toEqual([])
  })
})
