// What is wrong with a document that people wrote (rules, a runbook): field by field, with what is allowed there.
import { Result, Schema, SchemaAST, type SchemaIssue } from "effect"
import { RuleDocument } from "../rules.ts"

/** One thing that is wrong, and where. */
export interface RuleProblem {
  readonly path: ReadonlyArray<string | number>
  readonly message: string
}

/** Far more than anybody corrects at once. */
const PROBLEMS_MAX = 50

/** Decodes a document of this schema, or says everything that is wrong with it. A field that the schema does not know is an error. */
export const decodeProblems = <A, E>(schema: Schema.Codec<A, E>) => {
  const decode = Schema.decodeUnknownResult(schema, { errors: "all", onExcessProperty: "error", reportInput: true })
  return (given: unknown): Result.Result<A, ReadonlyArray<RuleProblem>> =>
    Result.mapError(decode(given), ({ issue }) => problemsIn(issue, []).slice(0, PROBLEMS_MAX))
}

/** The rules, or everything that is wrong with them. */
export const decodeRules = decodeProblems(RuleDocument)

/** `rules[0].require.people[1].count: …` */
export const problemText = ({ path, message }: RuleProblem): string => `${pathText(path)}: ${message}`

/** `rules[0].when.access` */
export const pathText = (path: RuleProblem["path"]): string =>
  path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`
    return text === "" ? step : `${text}.${step}`
  }, "") || "the document"

type Path = RuleProblem["path"]

const problemsIn = (issue: SchemaIssue.Issue, path: Path, within?: SchemaAST.AST): ReadonlyArray<RuleProblem> => {
  switch (issue._tag) {
    case "Pointer":
      return problemsIn(issue.issue, [...path, ...(issue.path as Path)], within)
    case "Composite":
      return issue.issues.flatMap((each) => problemsIn(each, path, issue.ast))
    case "Encoding":
      return problemsIn(issue.issue, path)
    case "Filter":
      return [problem(path, `${expected(issue.filter.annotations?.["expected"])}${got(issue)}`)]
    case "AnyOf":
      return ofUnion(issue, path)
    case "MissingKey":
      return [problem(path, "is missing")]
    case "UnexpectedKey":
      return [problem(path, `is not a field; allowed here: ${fieldsOf(within).join(", ")}`)]
    case "InvalidType":
      return [problem(path, `${expected(allowedBy(issue.ast))}${got(issue)}`)]
    default:
      return [problem(path, "has a value that is not allowed")]
  }
}

/** The alternative that was meant: the one with the fewest fields too many or too few. */
const ofUnion = (issue: SchemaIssue.AnyOf, path: Path): ReadonlyArray<RuleProblem> => {
  const alternatives = issue.issues.map((each) => problemsIn(each, path))
  const [meant, next] = alternatives
    .map((problems) => ({ problems, strangers: problems.filter((each) => isOwnField(each, path)).length }))
    .sort((one, other) => one.strangers - other.strangers)
  const isClear = meant !== undefined && (next === undefined || meant.strangers < next.strangers)
  return isClear ? meant.problems : [problem(path, `${expected(allowedBy(issue.ast))}${got(issue)}`)]
}

const isOwnField = ({ path, message }: RuleProblem, union: Path): boolean =>
  path.length === union.length + 1 && (message === "is missing" || message.startsWith("is not a field"))

const problem = (path: Path, message: string): RuleProblem => ({ path, message })

const expected = (what: unknown): string =>
  typeof what === "string" ? `must be ${what}` : "has a value that is not allowed"

/** What is allowed, in words. */
const allowedBy = (ast: SchemaAST.AST): string => {
  if (SchemaAST.isLiteral(ast)) return JSON.stringify(ast.literal)
  if (SchemaAST.isUnion(ast)) return ast.types.map(allowedBy).join(" or ")
  if (SchemaAST.isArrays(ast)) return "a list"
  if (SchemaAST.isObjects(ast)) return `an object with ${fieldsOf(ast).join(", ")}`
  if (SchemaAST.isNumber(ast)) return "a number"
  return SchemaAST.isString(ast) ? "text" : "another value"
}

const fieldsOf = (ast: SchemaAST.AST | undefined): ReadonlyArray<string> =>
  ast !== undefined && SchemaAST.isObjects(ast) ? ast.propertySignatures.map(({ name }) => `\`${String(name)}\``) : []

const VALUE_LENGTH_MAX = 60

/** What stands there instead; a rule file holds no secrets. */
const got = (issue: { readonly input?: unknown }): string => {
  if (!("input" in issue)) return ""
  const text = JSON.stringify(issue.input) ?? String(issue.input)
  return `, not ${text.length > VALUE_LENGTH_MAX ? `${text.slice(0, VALUE_LENGTH_MAX)}…` : text}`
}
