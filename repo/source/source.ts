// A source file of this repository, parsed once, as its own checks see it.
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { type Comment, type EcmaScriptModule, type Program, parseSync } from "oxc-parser"

/** The folder that the root package.json is in. */
export const ROOT = join(import.meta.dirname, "../..")

/** Folders that hold what was installed or built, at any depth. */
const NOT_OURS = new Set(["node_modules", "dist", "coverage", ".git", ".turbo", ".stryker-tmp", ".fluxcybers"])

export interface Source {
  /** Relative to the repository, with forward slashes. */
  readonly path: string
  readonly text: string
  readonly program: Program
  readonly module: EcmaScriptModule
  readonly comments: ReadonlyArray<Comment>
}

/** Paths of the repository's files that match, sorted; folders and what was installed or built are left out. */
export const filesMatching = (...patterns: ReadonlyArray<string>): ReadonlyArray<string> =>
  globSync([...patterns], { cwd: ROOT, withFileTypes: true, exclude: (entry) => NOT_OURS.has(entry.name) })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1))
    .sort()

/** Parses one file; a file that does not parse is an error of the caller's check. */
export const parseSource = (path: string): Source => parseIn(ROOT, path)

/** Parses a file of another root, such as a folder that was compiled to. */
export const parseIn = (root: string, path: string): Source => {
  const text = readFileSync(join(root, path), "utf8")
  const { program, module, comments, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`)
  return { path, text, program, module, comments }
}

/** The line of an offset, counted from 1. */
export const lineOf = (source: Source, offset: number): number => source.text.slice(0, offset).split("\n").length

/** How a violation is printed: a place that an editor opens, and what is wrong there. */
export const at = (source: Source, offset: number, what: string): string =>
  `${source.path}:${lineOf(source, offset)} ${what}`
