// The program behind `npm create @fluxcybers/executor`.
import { relative } from "node:path"
import { createInterface } from "node:readline/promises"
import { parseArgs } from "node:util"
import { CreationRefused, createExecutor } from "./create-executor.ts"

const USAGE = `usage: create-executor ID [FOLDER] [--link]

  ID      who makes it, a dot, what it does: acme.restart
  FOLDER  where it is written; acme-restart unless told
  --link  in a checkout of FluxCybers: use its packages instead of published ones, without installing anything
`

const main = async (args: ReadonlyArray<string>): Promise<void> => {
  const { values, positionals } = parsed(args)
  if (values.help) return void process.stdout.write(USAGE)
  const [id = await asked(), folder, ...more] = positionals
  if (more.length > 0) throw new CreationRefused(`There is no place for "${more[0]}".\n${USAGE}`)
  const made = createExecutor({ id, folder, isLinked: values.link })
  const place = relative(process.cwd(), made.folder) || "."
  const install = values.link ? "" : "  npm install\n"
  process.stdout.write(
    `Wrote ${made.files.length} files to ${made.folder}.\n\n  cd ${place}\n${install}  npm test\n\nThen change src/plugin.ts; README.md says how it is used.\n`
  )
}

const parsed = (args: ReadonlyArray<string>) => {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { link: { type: "boolean", default: false }, help: { type: "boolean", short: "h", default: false } }
    })
  } catch (cause) {
    throw new CreationRefused(`${cause instanceof Error ? cause.message : String(cause)}\n${USAGE}`)
  }
}

const asked = async (): Promise<string> => {
  if (!process.stdin.isTTY) throw new CreationRefused(`An id is wanted.\n${USAGE}`)
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await lines.question("Id of the executor (acme.restart): ")
  lines.close()
  return answer.trim()
}

try {
  await main(process.argv.slice(2))
} catch (cause) {
  if (!(cause instanceof CreationRefused)) throw cause
  process.stderr.write(`error: ${cause.message}\n`)
  process.exitCode = 1
}
