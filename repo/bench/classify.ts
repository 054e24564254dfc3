// Classifying command lines, one at a time, against parsing them and nothing else. The lines are the classifier's corpora.
// The npm package `ssh-mcp` is no yardstick here: its check cannot be installed without its OpenTelemetry exporters.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { classify } from "@fluxcybers/executor/classify"
import { parse } from "unbash"
import type { Measured } from "./main.ts"

const CORPORA = join(import.meta.dirname, "../../packages/executor/test/corpus")
const ROUNDS = 9
const MEDIAN_US_MAX = 50
const P99_US_MAX = 1_000

/** Time of the classifier in parts of its limits, and of parsing alone. */
export const benchClassify = async (): Promise<ReadonlyArray<Measured>> => {
  const lines = ["read-only.txt", "hostile.txt"].flatMap((name) =>
    readFileSync(join(CORPORA, name), "utf8")
      .split("\n")
      .filter((line) => line !== "")
  )
  const judged: Array<number> = []
  const ratios: Array<number> = []
  for (let round = 0; round < ROUNDS; round++) {
    const parsedUs = timesUs(lines, parse)
    const judgedUs = timesUs(lines, classify)
    // The first rounds are compiled while they run.
    if (round < ROUNDS / 3) continue
    judged.push(...judgedUs)
    ratios.push(sum(judgedUs) / sum(parsedUs))
  }
  return [
    {
      name: `classify: median per command, in parts of ${MEDIAN_US_MAX} µs`,
      ratio: quantile(judged, 0.5) / MEDIAN_US_MAX,
      target: "at most 1"
    },
    {
      name: `classify: slowest of 100 commands, in parts of ${P99_US_MAX} µs`,
      ratio: quantile(judged, 0.99) / P99_US_MAX,
      target: "at most 1"
    },
    { name: "classify: to parsing alone", ratio: quantile(ratios, 0.5) }
  ]
}

const timesUs = (lines: ReadonlyArray<string>, work: (line: string) => unknown): ReadonlyArray<number> =>
  lines.map((line) => {
    const start = process.hrtime.bigint()
    work(line)
    return Number(process.hrtime.bigint() - start) / 1_000
  })

const quantile = (values: ReadonlyArray<number>, part: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * part)] ?? Number.NaN

const sum = (values: ReadonlyArray<number>): number => values.reduce((total, value) => total + value, 0)
