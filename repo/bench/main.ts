// npm run bench [name…]  runs the benchmarks beside this file (all of them, or those named) and prints a table.
// Only ratios: ours against the same work done directly, in one run on one machine. Absolute figures would say more about the machine.
import { readdirSync } from "node:fs"
import { join } from "node:path"

/** One comparison. `target` is `at least N` or `at most N`. */
export interface Measured {
  readonly name: string
  readonly ratio: number
  readonly target?: string
}

type Benchmark = () => Promise<ReadonlyArray<Measured>>

const TARGET = /^at (least|most) (\d+(?:\.\d+)?)$/

/** Every other file here is a benchmark and exports one function whose name begins with `bench`. */
const available = (): ReadonlyArray<string> =>
  readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith(".ts") && file !== "main.ts")
    .map((file) => file.slice(0, -".ts".length))
    .sort()

const load = async (name: string): Promise<Benchmark> => {
  const exports = (await import(join(import.meta.dirname, `${name}.ts`))) as Record<string, Benchmark>
  const found = Object.entries(exports).find(([key]) => key.startsWith("bench"))
  if (found === undefined) throw new Error(`repo/bench/${name}.ts exports no function whose name begins with "bench"`)
  return found[1]
}

const verdict = ({ ratio, target }: Measured): string => {
  if (target === undefined) return ""
  const [, side, limit] = TARGET.exec(target) ?? []
  if (limit === undefined) throw new Error(`A target reads "at least 0.6" or "at most 1.3", not "${target}"`)
  return (side === "least" ? ratio >= Number(limit) : ratio <= Number(limit)) ? "met" : "missed"
}

const print = (results: ReadonlyArray<Measured>): void => {
  const rows = results.map((each) => [each.name, each.ratio.toFixed(2), each.target ?? "", verdict(each)])
  const table = [["benchmark", "ratio", "target", ""], ...rows]
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]!.length)))
  for (const [name, ratio, target, met] of table) {
    console.log(
      `${name!.padEnd(widths[0]!)}  ${ratio!.padStart(widths[1]!)}  ${target!.padEnd(widths[2]!)}  ${met}`.trimEnd()
    )
  }
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !available().includes(name))
if (unknown.length > 0) {
  console.error(`No benchmark is called ${unknown.join(", ")}. There are: ${available().join(", ")}.`)
  process.exitCode = 2
} else {
  const results: Array<Measured> = []
  for (const name of asked.length > 0 ? asked : available()) results.push(...(await (await load(name))()))
  print(results)
}
