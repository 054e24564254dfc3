import { defineConfig } from "tsup"
import { entries } from "../../repo/scripts/entries.ts"

const { "verifier/index": verifier, ...entry } = entries(import.meta.dirname)
const shared = { format: "esm", platform: "node", target: "node22", sourcemap: true, dts: false } as const

export default defineConfig([
  { ...shared, entry, splitting: true, clean: ["**/*", "!verifier/**"] },
  // One file that can be taken elsewhere: it must not share chunks with the rest.
  { ...shared, entry: { "verifier/index": verifier! }, splitting: false }
])
