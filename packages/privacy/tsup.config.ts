import { defineConfig } from "tsup"
import { entries } from "../../repo/scripts/entries.ts"

export default defineConfig({
  entry: entries(import.meta.dirname),
  format: ["esm"],
  platform: "node",
  target: "node22",
  sourcemap: true,
  splitting: true,
  clean: true,
  dts: false
})
