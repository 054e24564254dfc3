// What a file imports, in whatever form it says so.
import { isBuiltin } from "node:module"
import { dirname, join } from "node:path"
import { type ImportExpression, type TSImportType, Visitor } from "oxc-parser"
import { at, type Source } from "./source.ts"

export interface Import {
  readonly source: Source
  /** The specifier as written. */
  readonly from: string
  /** Named imports; empty for a namespace, a side effect, a re-export of everything. */
  readonly names: ReadonlyArray<string>
  /** Nothing of it is left at run time. */
  readonly typeOnly: boolean
  readonly offset: number
}

export const importsOf = (source: Source): ReadonlyArray<Import> => [
  ...source.module.staticImports.map(({ moduleRequest, entries, start }) => ({
    source,
    from: moduleRequest.value,
    names: entries.flatMap(({ importName }) => importName.name ?? []),
    typeOnly: entries.length > 0 && entries.every(({ isType }) => isType),
    offset: start
  })),
  ...source.module.staticExports.flatMap(({ entries, start }) => reexports(source, start, entries)),
  ...dynamicImports(source)
]

const reexports = (source: Source, offset: number, entries: Source["module"]["staticExports"][number]["entries"]) =>
  entries.flatMap(({ moduleRequest, importName, isType }) =>
    moduleRequest === null
      ? []
      : [{ source, from: moduleRequest.value, names: [importName.name ?? []].flat(), typeOnly: isType, offset }]
  )

const dynamicImports = (source: Source): ReadonlyArray<Import> => {
  const found: Array<Import> = []
  const note = (node: ImportExpression | TSImportType) => {
    if (node.source.type !== "Literal" || typeof node.source.value !== "string") return
    const typeOnly = node.type === "TSImportType"
    found.push({ source, from: node.source.value, names: [], typeOnly, offset: node.start })
  }
  new Visitor({ ImportExpression: note, TSImportType: note }).visit(source.program)
  return found
}

export const isRelative = ({ from }: Import): boolean => from.startsWith(".")

/** The file that a relative import names, relative to the repository. */
export const importedFile = ({ source, from }: Import): string => join(dirname(source.path), from)

/** `@scope/name/sub` belongs to `@scope/name`; Node's own modules to nobody. */
export const packageOf = ({ from }: Import): string | undefined => {
  if (from.startsWith(".") || isBuiltin(from)) return undefined
  return from
    .split("/")
    .slice(0, from.startsWith("@") ? 2 : 1)
    .join("/")
}

export const placeOf = ({ source, offset, from }: Import): string => at(source, offset, from)
