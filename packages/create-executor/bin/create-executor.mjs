#!/usr/bin/env node
// The built program where there is one, otherwise its TypeScript source in a checkout.
import { existsSync } from "node:fs"

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`Node.js 22.19 or newer is needed; this is ${process.version}. Nothing was written.\n`)
  process.exit(1)
}

const built = new URL("../dist/main.js", import.meta.url)
await import((existsSync(built) ? built : new URL("../src/main.ts", import.meta.url)).href)
