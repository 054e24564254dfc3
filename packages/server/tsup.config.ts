import { defineConfig } from "tsup"
import { entries } from "../../repo/scripts/entries.ts"

// Left out: bundle-command.ts makes the command line.
const { "cli/main": _command, ...entry } = entries(import.meta.dirname)

export default defineConfig({
  entry,
  format: ["esm"],
  platform: "node",
  target: "node22",
  sourcemap: true,
  splitting: true,
  clean: true,
  dts: false
})
