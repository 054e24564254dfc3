// How the code reads, as a test: sizes, names, and what is never written. Each failure lists the places.
import { existsSync, readFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { Visitor } from "oxc-parser"
import { describe, expect, it } from "vitest"
import { entries } from "./scripts/entries.ts"
import { measuredFunctions } from "./source/functions.ts"
import { isDocumented, publicApi } from "./source/public-api.ts"
import { at, filesMatching, parseSource, ROOT, type Source } from "./source/source.ts"
import { unexplainedSkips } from "./source/test-calls.ts"
import { workplaceWords } from "./source/workplace.ts"

const FILE_LINES_MAX = 250
const TEST_LINES_MAX = 400
const FUNCTION_LINES_MAX = 50
const SOURCE_FOLDERS_MAX = 2
/** Words that say nothing about what is inside. */
const EMPTY_NAMES = /(^|-)(utils?|helpers?|common|misc|manager|base|types)($|-)/
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*$/

/** vitest loads these by their default export. */
const DEFAULT_EXPORTS = ["repo/testing/plain-reporter.ts", "repo/testing/setup.ts"]
/** vitest types what a setup provides by augmenting its module. */
const MODULE_AUGMENTATIONS = ["repo/testing/setup.ts"]

const all = filesMatching(
  "packages/*/{src,test}/**/*.{ts,tsx}",
  "packages/*/*.ts",
  "examples/**/*.{ts,tsx}",
  "repo/**/*.{ts,mjs}",
  "*.ts"
).map(parseSource)

/** The files that the packages' manifests open to the outside. */
const opened = filesMatching("packages/*/package.json")
  .map(dirname)
  .flatMap((folder) => Object.values(entries(join(ROOT, folder))).map((source) => join(folder, source)))

const isTest = (source: Source) => /\.test\.tsx?$/.test(source.path)

/** The places where a syntax node of one of these kinds stands. */
const places = (sources: ReadonlyArray<Source>, kinds: ReadonlyArray<"TSAnyKeyword" | "TSEnumDeclaration">) =>
  sources.flatMap((source) => {
    const found: Array<string> = []
    const note = (node: { readonly start: number; readonly type: string }) =>
      found.push(at(source, node.start, node.type))
    new Visitor(Object.fromEntries(kinds.map((kind) => [kind, note]))).visit(source.program)
    return found
  })

describe("sizes", () => {
  it(`no file has more than ${FILE_LINES_MAX} lines, no test more than ${TEST_LINES_MAX}`, () => {
    const lines = ({ text }: Source) => text.trimEnd().split("\n").length
    const long = all.filter((source) => lines(source) > (isTest(source) ? TEST_LINES_MAX : FILE_LINES_MAX))
    expect(long.map((source) => `${source.path} ${lines(source)} lines`)).toEqual([])
  })

  it(`no function has more than ${FUNCTION_LINES_MAX} lines`, () => {
    const long = all.flatMap((source) =>
      measuredFunctions(source)
        .filter(({ lines }) => lines > FUNCTION_LINES_MAX)
        .map(({ offset, lines }) => at(source, offset, `${lines} lines`))
    )
    expect(long).toEqual([])
  })

  it(`no folder is nested more than ${SOURCE_FOLDERS_MAX} levels under src`, () => {
    const depth = (path: string) => (/\/src\/(.*)$/.exec(path)?.[1] ?? "").split("/").length - 1
    expect(all.map(({ path }) => path).filter((path) => depth(path) > SOURCE_FOLDERS_MAX)).toEqual([])
  })
})

describe("names", () => {
  const words = (path: string) =>
    path.split("/").map((part, depth, parts) => (depth === parts.length - 1 ? (part.split(".")[0] ?? part) : part))

  it("files and folders are named in kebab-case", () => {
    expect(all.map(({ path }) => path).filter((path) => !words(path).every((word) => KEBAB_CASE.test(word)))).toEqual(
      []
    )
  })

  it("no file or folder is named by an empty word", () => {
    expect(all.map(({ path }) => path).filter((path) => words(path).some((word) => EMPTY_NAMES.test(word)))).toEqual([])
  })

  it("index.ts stands only where a package's exports open it", () => {
    const indexes = all.map(({ path }) => path).filter((path) => basename(path) === "index.ts")
    expect(indexes.filter((path) => path.startsWith("packages/") && !opened.includes(path))).toEqual([])
  })
})

describe("never written", () => {
  it("no any, no enum", () => {
    expect(places(all, ["TSAnyKeyword", "TSEnumDeclaration"])).toEqual([])
  })

  it("no default export, configuration aside", () => {
    const exporting = all.filter(({ module }) =>
      module.staticExports.some(({ entries }) => entries.some(({ exportName }) => exportName.kind === "Default"))
    )
    const unexpected = exporting.filter(({ path }) => !path.endsWith(".config.ts") && !DEFAULT_EXPORTS.includes(path))
    expect(unexpected.map(({ path }) => path)).toEqual([])
  })

  it("no module or global augmentation", () => {
    const augmentations = all
      .filter(({ path }) => !MODULE_AUGMENTATIONS.includes(path))
      .flatMap((source) =>
        source.program.body
          .filter((node) => node.type === "TSModuleDeclaration")
          .map((node) => at(source, node.start, node.type))
      )
    expect(augmentations).toEqual([])
  })

  it("no comment postpones work", () => {
    const postponed = all.flatMap((source) =>
      source.comments
        .filter(({ value }) => /\b(TODO|FIXME|XXX|HACK)\b/.test(value))
        .map(({ start, value }) => at(source, start, value.trim()))
    )
    expect(postponed).toEqual([])
  })
})

describe("documented", () => {
  it("every file that a manifest opens exists", () => {
    expect(opened.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
  })

  it("every name that a package exports has a docstring", () => {
    const apis = opened
      .filter((path) => existsSync(join(ROOT, path)))
      .map((path) => publicApi(parseSource(path), parseSource))
    const bare = apis.flatMap((api) =>
      [...api].flatMap(([name, declarations]) =>
        declarations.some(isDocumented)
          ? []
          : declarations.slice(0, 1).map((first) => at(first.source, first.statement.start, name))
      )
    )
    expect([...new Set(bare)].sort()).toEqual([])
  })

  it("a skipped test says why, and no test runs alone", () => {
    expect(all.filter(isTest).flatMap(unexplainedSkips)).toEqual([])
  })
})

describe("for everybody", () => {
  it("no file names a local path, a file outside the repository, or a private registry", () => {
    expect(workplaceWords()).toEqual([])
  })

  it("the lock file names no registry at all", () => {
    const lock = readFileSync(join(ROOT, "package-lock.json"), "utf8")
    expect(lock.match(/"resolved": "https?:[^"]+"/g) ?? []).toEqual([])
  })
})
