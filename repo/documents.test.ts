// Documents that speak about the code are held to it.
import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { filesMatching, ROOT } from "./source/source.ts"

const read = (path: string) => readFileSync(join(ROOT, path), "utf8")

const documents = filesMatching("*.md", "docs/**/*.md", "{packages,examples}/*/*.md")

describe("documents", () => {
  it("every invariant in ARCHITECTURE.md names a test that exists", () => {
    const rows = [...read("ARCHITECTURE.md").matchAll(/^\|.*\| `([^`]+\.test\.ts)`: "(.+)" +\|$/gm)]
    const missing = rows
      .map(([, path, name]) => ({ path: path!, name: name! }))
      .filter(({ path, name }) => !existsSync(join(ROOT, path)) || !hasTest(path, name))
    expect(rows.length).toBeGreaterThan(0)
    expect(missing).toEqual([])
  })

  it("every dependency has its record, and no record is left of one that is gone", () => {
    const manifests = filesMatching("package.json", "{packages,examples}/*/package.json")
    const recorded = [...read("docs/decisions/dependencies.md").matchAll(/^\| (@?[a-z][\w./-]*) +\| \d/gm)]
    expect(recorded.map(([, name]) => name!).sort()).toEqual([...new Set(manifests.flatMap(dependencies))].sort())
  })

  it("every path of the repository that a document names exists", () => {
    const missing = documents.flatMap((path) =>
      [...read(path).matchAll(/`((?:packages|docs|repo|examples|\.ci|\.changeset)\/[\w./-]*)`/g)]
        .map(([, named]) => named!)
        .filter((named) => !existsSync(join(ROOT, named)))
        .map((named) => `${path}: ${named}`)
    )
    expect(missing).toEqual([])
  })

  it("every package ships the licence, and says what it is", () => {
    const incomplete = filesMatching("packages/*/package.json").filter((path) => {
      const { license, description, keywords } = JSON.parse(read(path))
      const copy = join(dirname(path), "LICENSE")
      const isShipped = existsSync(join(ROOT, copy)) && read(copy) === read("LICENSE")
      return !isShipped || license !== "Apache-2.0" || !description || !(keywords?.length > 0)
    })
    expect(incomplete).toEqual([])
  })

  it("code that quotes a file is what the file says", () => {
    const quotes = filesMatching("docs/**/*.md").flatMap((path) =>
      [...read(path).matchAll(/^```ts (\S+)\n(.*?)^```$/gms)].map(([, file, code]) => ({ path, file: file!, code }))
    )
    expect(quotes.length).toBeGreaterThan(0)
    expect(quotes.filter(({ file, code }) => code !== read(file))).toEqual([])
  })

  it("every relative link leads to a file", () => {
    const broken = documents.flatMap((path) =>
      [...read(path).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
        .map(([, target]) => target!)
        .filter((target) => !existsSync(join(ROOT, dirname(path), target)))
        .map((target) => `${path}: ${target}`)
    )
    expect(broken).toEqual([])
  })
})

/** A test's name as it stands in the file, in whichever quotes; what a template fills in is written as an ellipsis. */
const hasTest = (path: string, name: string): boolean => {
  const text = read(path).replaceAll(/\$\{[^}]*\}/g, "…")
  return [`"${name}"`, `'${name}'`, `\`${name}\``].some((quoted) => text.includes(quoted))
}

/** What a manifest installs, but for our own packages. */
const dependencies = (manifest: string): ReadonlyArray<string> => {
  const sections = ["dependencies", "peerDependencies", "devDependencies", "optionalDependencies"]
  return sections
    .flatMap((section) => Object.keys(JSON.parse(read(manifest))[section] ?? {}))
    .filter((name) => !name.startsWith("@fluxcybers/"))
}
