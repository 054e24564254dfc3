// The public surface of an entry as text: every exported name with its declarations, in a form that changes only when they do.
import { createHash } from "node:crypto"
import { type Declaration, declaredNames, type PublicApi, type Statement } from "./public-api.ts"
import type { Source } from "./source.ts"

/** A type longer than this is inferred, and nobody reads its difference: a digest of its words says that it changed. */
const DECLARATION_LINES_MAX = 200

/** The declarations of all public names, sorted by name, without comments. */
export const surfaceText = (api: PublicApi): string =>
  [...api]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, declarations]) => [`# ${name}`, ...withPrivateParts(declarations).map(bareText)].join("\n"))
    .join("\n\n")

/** Declarations, and those of the same file that they name without exporting: a class's base, a private type. */
const withPrivateParts = (declarations: ReadonlyArray<Declaration>): ReadonlyArray<Declaration> => {
  const all = [...declarations]
  for (const { source, statement } of all) {
    const words = new Set(withoutComments(source, statement).match(/[\w$]+/g))
    const named = source.program.body.filter(
      (other) => !isExport(other) && declaredNames(other).some((name) => words.has(name))
    )
    all.push(
      ...named
        .filter((other) => !all.some((known) => known.statement === other))
        .map((other) => ({ source, statement: other }))
    )
  }
  return all
}

const isExport = (statement: Statement): boolean => statement.type.startsWith("Export")

const bareText = ({ source, statement }: Declaration): string => {
  const lines = withoutComments(source, statement)
    .replace(/^(export |declare )+/, "")
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "")
  if (lines.length <= DECLARATION_LINES_MAX) return lines.join("\n")
  // The compiler orders the members of a large union differently from run to run: the words are compared, not their order.
  const words = lines.join("\n").match(/[^\s<>()[\]{}|&,;]+/g) ?? []
  const digest = createHash("sha256").update(words.sort().join("\n")).digest("hex")
  return `${(lines[0] ?? "").replace(/<.*/, "<…>")} ${lines.length} lines, SHA-256 of the sorted words ${digest}`
}

const withoutComments = ({ text, comments }: Source, { start, end }: Statement): string => {
  const inside = comments.filter((comment) => comment.start >= start && comment.end <= end)
  const edges = [start, ...inside.flatMap((comment) => [comment.start, comment.end]), end]
  return edges.reduce((kept, from, index) => (index % 2 === 0 ? kept + text.slice(from, edges[index + 1]) : kept), "")
}
