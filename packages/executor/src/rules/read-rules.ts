// A file of rules as text.
import { Result } from "effect"
import type { RuleDocument } from "../rules.ts"
import { decodeRules } from "./problems.ts"
import { runExamples } from "./run-examples.ts"
import { type FileProblem, type Placer, placeless, readYaml } from "./yaml-text.ts"

export type { FileProblem } from "./yaml-text.ts"

/** The rules, how many examples they have, and where in the text those stand that the rules do not fulfil. */
export interface RulesRead {
  readonly document: RuleDocument
  readonly examples: number
  readonly failed: ReadonlyArray<FileProblem>
}

/** Reads rules and tries their examples. Fails with everything that is wrong with their form. */
export const readRules = (text: string): Result.Result<RulesRead, ReadonlyArray<FileProblem>> =>
  Result.flatMap(readYaml(text), ({ value, place }) => checked(value, place))

/** The same for rules that are there as a value already. */
export const readRuleValue = (given: unknown): Result.Result<RulesRead, ReadonlyArray<FileProblem>> =>
  checked(given, placeless)

const checked = (given: unknown, place: Placer) =>
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
