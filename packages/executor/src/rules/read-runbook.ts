// A file of a runbook as text.
import { Result } from "effect"
import { decodeRunbook, type RunbookDocument } from "../runbook/document.ts"
import { type FileProblem, readYaml } from "./yaml-text.ts"

/** Reads a runbook (YAML 1.2, or JSON). Fails with everything that is wrong with it, by line and column. */
export const readRunbook = (text: string): Result.Result<RunbookDocument, ReadonlyArray<FileProblem>> =>
  Result.flatMap(readYaml(text), ({ value, place }) =>
    Result.mapError(decodeRunbook(value), (problems) => problems.map(place))
  )
