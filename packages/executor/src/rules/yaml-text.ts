// A document as text: YAML 1.2, which JSON is a part of. What is wrong is named by line and column.
import { Result } from "effect"
import { type Document, isMap, isNode, isPair, LineCounter, type Node, type ParsedNode, parseDocument } from "yaml"
import { pathText, type RuleProblem } from "./problems.ts"

/** What is wrong with a file, and where. Lines and columns are counted from 1; a module has none. */
export interface FileProblem {
  readonly line?: number
  readonly column?: number
  /** `rules[0].require`; absent where the text is not YAML. */
  readonly field?: string
  readonly message: string
}

/** Where a problem of the value stands in the text. */
export type Placer = (problem: RuleProblem) => FileProblem

/** More than any document that people can keep in mind. */
const TEXT_LENGTH_MAX = 256 * 1024

/** The value of a text, and where its parts stand in it. */
export const readYaml = (
  text: string
): Result.Result<{ readonly value: unknown; readonly place: Placer }, ReadonlyArray<FileProblem>> => {
  if (text.length > TEXT_LENGTH_MAX) {
    return Result.fail([{ ...BEGINNING, message: `the text has more than ${TEXT_LENGTH_MAX} characters` }])
  }
  const lines = new LineCounter()
  const yaml = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, version: "1.2" })
  const wrong = [...yaml.errors, ...yaml.warnings]
  if (wrong.length > 0) {
    return Result.fail(wrong.map(({ pos, message }) => ({ ...position(lines, pos[0]), message })))
  }
  return plain(yaml).pipe(
    Result.mapError((message) => [{ ...BEGINNING, message }]),
    Result.map((value) => ({ value, place: placer(yaml, lines) }))
  )
}

/** The place of a problem of a value that has no text. */
export const placeless: Placer = ({ path, message }) => ({ field: pathText(path), message })

const BEGINNING = { line: 1, column: 1 }

/** The value behind the text. Aliases are refused: a few lines of them can stand for gigabytes. */
const plain = (yaml: Document.Parsed): Result.Result<unknown, string> =>
  Result.try({
    try: () => yaml.toJS({ maxAliasCount: 0 }),
    catch: () => "aliases (*name) are not allowed"
  })

const position = (lines: LineCounter, offset: number) => {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}

/** Where a problem stands in the text: at its own value or key, or at the nearest thing around it. */
const placer =
  (yaml: Document.Parsed, lines: LineCounter): Placer =>
  ({ path, message }) => ({
    ...position(lines, offsetOf(yaml.contents, path)),
    field: pathText(path),
    message
  })

const offsetOf = (root: ParsedNode | null, path: RuleProblem["path"]): number => {
  let node: Node | null | undefined = root
  let offset = root?.range[0] ?? 0
  for (const step of path) {
    const key = isMap(node) ? node.items.find((pair) => isPair(pair) && keyOf(pair.key) === step)?.key : undefined
    const next: unknown = isMap(node) || isSequence(node) ? node.get(step, true) : undefined
    if (isNode(key) && key.range) offset = key.range[0]
    node = isNode(next) ? next : undefined
    if (node?.range) offset = isNode(key) && key.range ? key.range[0] : node.range[0]
    if (node === undefined) break
  }
  return offset
}

const keyOf = (key: unknown): unknown => (isNode(key) && "value" in key ? key.value : key)

const isSequence = (node: unknown): node is { get(step: unknown, keepScalar: true): unknown } =>
  isNode(node) && "items" in node && "get" in node
