// What a package's entry file exports, followed through its re-exports to the statements that declare it.
import { dirname, join } from "node:path"
import type { Comment, Program, StaticExportEntry } from "oxc-parser"
import type { Source } from "./source.ts"

export type Statement = Program["body"][number]

export interface Declaration {
  readonly source: Source
  readonly statement: Statement
}

/** Public name → its declarations: a schema and its type share a name. */
export type PublicApi = ReadonlyMap<string, ReadonlyArray<Declaration>>

/** Reads the public names of an entry; `load` parses a file by the path that an import of it resolves to. */
export const publicApi = (entry: Source, load: (path: string) => Source): PublicApi => {
  const api = new Map<string, ReadonlyArray<Declaration>>()
  const add = (name: string, declarations: ReadonlyArray<Declaration>) =>
    api.set(name, distinct([...(api.get(name) ?? []), ...declarations]))
  for (const { entries, start } of entry.module.staticExports) {
    for (const each of entries) {
      for (const [name, declarations] of exported({ source: entry, start, entry: each, load })) add(name, declarations)
    }
  }
  return api
}

/** A schema and its type are exported together, as two entries that each find both. */
const distinct = (declarations: ReadonlyArray<Declaration>): ReadonlyArray<Declaration> => [
  ...new Map(declarations.map((each) => [`${each.source.path}:${each.statement.start}`, each])).values()
]

interface ExportSite {
  readonly source: Source
  /** Offset of the export statement. */
  readonly start: number
  readonly entry: StaticExportEntry
  readonly load: (path: string) => Source
}

const exported = (site: ExportSite): Iterable<readonly [string, ReadonlyArray<Declaration>]> => {
  const { source, entry, load } = site
  const from = entry.moduleRequest?.value
  const name = entry.exportName.name
  if (from === undefined) return name === null ? [] : [[name, declared(site, entry.localName.name ?? name)]]
  if (!from.startsWith(".")) return [[name ?? `* from "${from}"`, [statementAt(site)]]]
  const target = publicApi(load(join(dirname(source.path), from)), load)
  if (entry.importName.kind === "AllButDefault") return target
  if (name === null) return []
  if (entry.importName.kind === "All") return [...target].map(([inner, found]) => [`${name}.${inner}`, found] as const)
  return [[name, target.get(entry.importName.name ?? name) ?? []]]
}

const statementAt = ({ source, start }: ExportSite): Declaration => {
  const statement = source.program.body.find((node) => node.start === start)
  if (statement === undefined) throw new Error(`${source.path}: no statement at ${start}`)
  return { source, statement }
}

const declared = (site: ExportSite, name: string): ReadonlyArray<Declaration> => {
  const local = site.source.program.body.filter((statement) => declaredNames(statement).includes(name))
  if (local.length > 0) return local.map((statement) => ({ source: site.source, statement }))
  return imported(site, name) ?? [statementAt(site)]
}

/** `import { a } from "./a.ts"` … `export { a }`. */
const imported = (site: ExportSite, name: string): ReadonlyArray<Declaration> | undefined => {
  for (const { moduleRequest, entries } of site.source.module.staticImports) {
    const entry = entries.find(({ localName }) => localName.value === name)
    if (entry === undefined || !moduleRequest.value.startsWith(".")) continue
    const target = site.load(join(dirname(site.source.path), moduleRequest.value))
    return publicApi(target, site.load).get(entry.importName.name ?? name)
  }
  return undefined
}

/** The names that a top-level statement declares. */
export const declaredNames = (statement: Statement): ReadonlyArray<string> => {
  const node = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement
  if (node === null) return []
  if (node.type === "VariableDeclaration") {
    return node.declarations.flatMap(({ id }) => (id.type === "Identifier" ? [id.name] : []))
  }
  return "id" in node && node.id !== null && "name" in node.id ? [node.id.name] : []
}

/**
 * Whether a comment documents the statement: a block that opens with two stars and ends where the statement starts. Declarations
 * that follow each other without an empty line share the comment above the first.
 */
export const isDocumented = ({ source, statement }: Declaration): boolean => {
  const between = (from: number) => source.text.slice(from, statement.start)
  const isAbove = ({ end }: Comment) => end <= statement.start && between(end).trim() === ""
  if (source.comments.some((comment) => comment.value.startsWith("*") && isAbove(comment))) return true
  const previous = source.program.body.filter(({ end }) => end <= statement.start).at(-1)
  if (previous === undefined || between(previous.end).trim() !== "" || between(previous.end).includes("\n\n"))
    return false
  return isDocumented({ source, statement: previous })
}
