// Do the rules say what their examples say? Pure.
import { canonicalJson } from "@fluxcybers/core"
import { evaluate, type RuleDocument } from "../rules.ts"
import { requirementOf } from "./demand.ts"
import { circumstancesIn, type Example, type Situation } from "./example.ts"
import { mismatch } from "./match.ts"

/** One example, and what is wrong with it if anything is. */
export interface ExampleResult {
  /** Where it stands in the document: `["rules", 0, "examples", "match", 1]`. */
  readonly path: ReadonlyArray<string | number>
  /** Why the rules do not say what it says; absent when they do. */
  readonly problem?: string
}

/** Every example of the document, in order. */
export const runExamples = (document: RuleDocument): ReadonlyArray<ExampleResult> => [
  ...document.rules.flatMap((_, index) => ofRule(document, index)),
  ...(document.examples ?? []).map((example, index) => result(["examples", index], wholeProblem(document, example)))
]

const ofRule = (document: RuleDocument, index: number): ReadonlyArray<ExampleResult> => {
  const rule = document.rules[index]!
  const { match = [], noMatch = [] } = rule.examples ?? {}
  const at = (kind: "match" | "noMatch", position: number) => ["rules", index, "examples", kind, position]
  return [
    ...match.map((given, position) => result(at("match", position), otherRule(document, given, rule.name))),
    ...noMatch.map((given, position) =>
      result(
        at("noMatch", position),
        mismatch(rule.when ?? {}, circumstancesIn(given)) === undefined
          ? `the rule "${rule.name}" matches, and it should not`
          : undefined
      )
    )
  ]
}

const result = (path: ExampleResult["path"], problem: string | undefined): ExampleResult =>
  problem === undefined ? { path } : { path, problem }

const otherRule = (document: RuleDocument, given: Situation, wanted: string): string | undefined => {
  const { requirement, considered } = evaluate({ ...document, version: 0 }, circumstancesIn(given))
  const decided = ruleName(requirement.rule)
  if (decided === wanted) return undefined
  const why = considered.find(({ rule }) => rule === wanted)?.mismatch
  if (why !== undefined) return `the rule "${wanted}" does not match: ${why}`
  return decided === NO_RULE ? `no rule matches` : `the rule "${decided}" comes first`
}

const wholeProblem = (document: RuleDocument, { given, rule, require: wanted }: Example): string | undefined => {
  const other = otherRule(document, given, rule)
  if (other !== undefined || wanted === undefined) return other
  const { requirement } = evaluate({ ...document, version: 0 }, circumstancesIn(given))
  const expected = canonicalJson(requirementOf(wanted, requirement.rule))
  // A demand says nothing of the recording, which stands beside it in the rule.
  const { recording: _, ...people } = { recording: undefined, ...requirement }
  const actual = canonicalJson(people)
  return expected === actual ? undefined : `the rule "${rule}" requires ${actual}, not ${expected}`
}

/** What an example calls it when no rule matches. */
const NO_RULE = "none"

const ruleName = (named: string): string => named.slice(named.indexOf("/") + 1)
