// Patterns of text parameters, in the syntax of RE2: matched in time that grows with the text, whatever the pattern (no backtracking).
import { RE2JS } from "re2js"

/** UTF-16 units. */
export const PATTERN_LENGTH_MAX = 200
/** Steps of the compiled pattern. Each character of a text is held against each of them at most once. */
const PROGRAM_SIZE_MAX = 2_000

/** What is wrong with the pattern; `undefined` when it can be used. */
export const patternProblem = (pattern: string): string | undefined => {
  try {
    const size = RE2JS.compile(pattern).programSize()
    return size <= PROGRAM_SIZE_MAX ? undefined : "is a pattern with repetitions that are too large"
  } catch {
    return "is not a pattern in RE2 syntax (no look-around, no back references)"
  }
}

/** Does the whole text fit? */
export const fitsPattern = (pattern: string, text: string): boolean => RE2JS.compile(pattern).matches(text)
