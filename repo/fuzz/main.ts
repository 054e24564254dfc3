// npm run fuzz [-- --inputs N] [--seed N] [name…]  gives ten million inputs to the decoders (or to those named) and prints a table.
import { parseArgs } from "node:util"
import { logDecoders } from "./log-decoders.ts"
import { fuzz, shares } from "./run.ts"
import { vaultDecoders } from "./vault-decoders.ts"

const INPUTS = 10_000_000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { inputs: { type: "string", default: String(INPUTS) }, seed: { type: "string" } }
})
const all = [...logDecoders, ...vaultDecoders]
const chosen = positionals.length === 0 ? all : all.filter(({ name }) => positionals.includes(name))
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(values.seed)
if (chosen.length < positionals.length) throw new Error(`Decoders are: ${all.map(({ name }) => name).join(", ")}`)

// Nearly every input is refused with an error, and nobody reads where from.
Error.stackTraceLimit = 0
console.log(`seed ${seed}`)
for (const [index, inputs] of shares(chosen, Number(values.inputs)).entries()) {
  const { name, accepted, elapsedMs } = fuzz(chosen[index]!, { seed, inputs })
  const rate = Math.round(inputs / (elapsedMs / 1_000))
  console.log(
    `${name.padEnd(16)} ${String(inputs).padStart(9)} inputs  ${String(accepted).padStart(8)} accepted  ${rate}/s`
  )
}
