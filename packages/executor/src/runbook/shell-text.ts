// A parameter must not become a program, nor part of a text that a shell reads: `sh -c` and its like are looked into.
import { classifyArgv } from "../classify/index.ts"
import type { Path, PlaceProblem } from "./places.ts"

/** Stands for a parameter while the command is looked at: a word that is no program. */
const PROBE = "fluxcybers0parameter"

/**
 * What is wrong with an argument vector in which these words (by their places) come from parameters. `sudo systemctl restart UNIT` is fine;
 * `sudo COMMAND` and `sh -c "ls FOLDER"` are not.
 */
export const shellTextProblems = (
  argv: ReadonlyArray<unknown>,
  hasParameter: (word: unknown) => boolean,
  path: Path
): ReadonlyArray<PlaceProblem> => {
  const words = argv.map((word, index) => (hasParameter(word) ? `${PROBE}${index}` : String(word)))
  const [program, ...rest] = words
  if (program === undefined) return []
  const { parts } = classifyArgv([program, ...rest])
  return rangesOf(words).flatMap(([start, end], index) => {
    if (!hasParameter(argv[index])) return []
    const isRun =
      index === 0 || parts.some(({ range: [from, to] }) => from >= start && from < end && (to <= end || from === start))
    return isRun ? [{ path: [...path, index], message: NOT_RUN }] : []
  })
}

const NOT_RUN =
  "would be run as a program or read by a shell: a parameter can only be an argument of a program that the runbook names"

/** Where each word stands in the words joined by single spaces, as the classifier counts. */
const rangesOf = (words: ReadonlyArray<string>): ReadonlyArray<readonly [start: number, end: number]> => {
  let start = 0
  return words.map((word) => {
    const range = [start, start + word.length] as const
    start = range[1] + 1
    return range
  })
}
