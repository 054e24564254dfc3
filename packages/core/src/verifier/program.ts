// The verifier as a program of its own.
import { readFileSync, realpathSync } from "node:fs"
import { parseArgs } from "node:util"
import type { BundleOptions, BundleReport } from "./index.ts"
import { NotVerifiable } from "./signed-note.ts"

const USAGE =
  "node verifier.js DIRECTORY --key VKEY [--witness VKEY]… [--seen CHECKPOINT-FILE]… [--aliases FILE] [--json]"
const SHOWN_MAX = 20
const PROGRESS_INTERVAL_MS = 500

/** Runs when the file was called by its name, not when it was imported. Exits with 0, 1 (problems) or 2 (nothing was verified). */
export const runAsProgram = async (file: string, verifyBundle: (options: BundleOptions) => Promise<BundleReport>) => {
  const called = process.argv[1]
  if (called === undefined || realpathSync(called) !== realpathSync(file)) return
  try {
    const { isJson, options } = parsed()
    const report = await verifyBundle(options)
    process.stdout.write(isJson ? `${JSON.stringify(report)}\n` : text(report))
    process.exitCode = report.problems.length === 0 ? 0 : 1
  } catch (error) {
    if (!(error instanceof NotVerifiable || error instanceof TypeError)) throw error
    process.stderr.write(`${error.message}\nUsage: ${USAGE}\n`)
    process.exitCode = 2
  }
}

const parsed = (): { readonly isJson: boolean; readonly options: BundleOptions } => {
  const list = { type: "string", multiple: true, default: [] as Array<string> } as const
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      key: { type: "string" },
      witness: list,
      seen: list,
      aliases: { type: "string" },
      json: { type: "boolean", default: false }
    }
  })
  const [directory, ...rest] = positionals
  if (directory === undefined || rest.length > 0 || values.key === undefined) {
    throw new NotVerifiable("A directory and a key are needed.")
  }
  const seen = values.seen.map((path) => readFileSync(path, "utf8"))
  const { key, witness: witnesses, aliases } = values
  const given = { directory, key, witnesses, seen, ...(aliases === undefined ? {} : { aliases }) }
  const options = { ...given, onProgress: progressOnTerminal() }
  return { isJson: values.json, options }
}

const progressOnTerminal = () => {
  let nextMs = 0
  return (entries: number, of: number): void => {
    if (!process.stderr.isTTY || (performance.now() < nextMs && entries < of)) return
    nextMs = performance.now() + PROGRESS_INTERVAL_MS
    process.stderr.write(`\r${entries} of ${of} entries${entries < of ? "" : "\n"}`)
  }
}

const text = ({ origin, size, root, unchecked, problems, problemsOmitted }: BundleReport): string => {
  const shown = problems.slice(0, SHOWN_MAX).map(({ kind, index, detail }) => `${kind} ${index}: ${detail}\n`)
  const rest = problems.length + problemsOmitted - shown.length
  const result =
    problems.length === 0 ? "everything is as it was signed" : `${problems.length + problemsOmitted} problems`
  return `Log      ${origin}\nEntries  ${size}\nRoot     ${root}\n${unchecked === 0 ? "" : `Unknown  ${unchecked} signed decisions, whose they are was not told\n`}Result   ${result}\n${shown.join("")}${rest > 0 ? `and ${rest} more\n` : ""}`
}
