#!/usr/bin/env node
// The `fluxcybers` command: the built program where there is one, otherwise its TypeScript source in a checkout.
import { existsSync } from "node:fs"
import module from "node:module"

// better-sqlite3 13 dies of a segmentation fault, without a message, on Node.js 20; so this comes before any other import.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(
    `fluxcybers needs Node.js 22.19 or newer; this is ${process.version} (${process.execPath}). Nothing was done.\n` +
      "Install a newer Node.js, or run it in the repository with: npx fluxcybers\n"
  )
  process.exit(1)
}

const built = new URL("../dist/cli/main.js", import.meta.url)
if (existsSync(built)) {
  await import(built.href)
} else {
  // What `node --conditions=@fluxcybers/source` does, without a second process that would have to pass signals on.
  module.registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, { ...context, conditions: [...context.conditions, "@fluxcybers/source"] })
  })
  await import(new URL("../src/cli/main.ts", import.meta.url).href)
}
