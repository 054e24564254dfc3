// A file of rules as text: YAML 1.2, which JSON is a part of. What is wrong is named by line and column.
import { Result } from "effect"
import { type Document, isMap, isNode, isPair, LineCounter, type Node, type ParsedNode, parseDocument } from "yaml"
import type { RuleDocument } from "../rules.ts"
import { decodeRules, pathText, type RuleProblem } from "./problems.ts"
import { runExamples } from "./run-examples.ts"

/** What is wrong with a file of rules, and where. Lines and columns are counted from 1; a module of rules has none. */
export interface FileProblem {
  readonly line?: number
  readonly column?: number
  /** `rules[0].require`; absent where the text is not YAML. */
  readonly field?: string
  readonly message: string
}

/** The rules, how many examples they have, and where in the text those stand that the rules do not fulfil. */
export interface RulesRead {
  readonly document: RuleDocument
  readonly examples: number
  readonly failed: ReadonlyArray<FileProblem>
}

/** More than any rules that people can keep in mind. */
const TEXT_LENGTH_MAX = 256 * 1024

/** Reads rules and tries their examples. Fails with everything that is wrong with their form. */
export const readRules = (text: string): Result.Result<RulesRead, ReadonlyArray<FileProblem>> => {
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
    Result.flatMap((given) => checked(given, placer(yaml, lines)))
  )
}

/** The same for rules that are there as a value already. */
export const readRuleValue = (given: unknown): Result.Result<RulesRead, ReadonlyArray<FileProblem>> =>
  checked(given, ({ path, message }) => ({ field: pathText(path), message }))

const checked = (given: unknown, place: (problem: RuleProblem) => FileProblem) =>
  decodeRules(given).pipe(
    Result.mapError((problems) => problems.map(place)),
    Result.map((document): RulesRead => {
      const results = runExamples(document)
      const failed = results.flatMap(({ path, problem }) =>
        problem === undefined ? [] : [place({ path, message: problem })]
      )
      return { document, examples: results.length, failed }
    })
  )

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
  (yaml: Document.Parsed, lines: LineCounter) =>
  ({ path, message }: RuleProblem): FileProblem => ({
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
