#!/usr/bin/env node
// The `fluxcybers` command: the built program where there is one, otherwise its TypeScript source in a checkout.
import { existsSync } from "node:fs"
import module from "node:module"
import { homedir } from "node:os"
import { join } from "node:path"

// better-sqlite3 13 dies of a segmentation fault, without a message, on Node.js 20; so this comes before any other import.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(
    `fluxcybers needs Node.js 22.19 or newer; this is ${process.version} (${process.execPath}). Nothing was done.\n` +
      "Install a newer Node.js, or run it in the repository with: npx fluxcybers\n"
  )
  process.exit(1)
}

// Most of the time that a command takes is compiling what it imports. The cache is this account's own: a shared one could be written by others.
const cacheHome = process.env.XDG_CACHE_HOME?.startsWith("/") ? process.env.XDG_CACHE_HOME : join(homedir(), ".cache")
module.enableCompileCache(join(cacheHome, "fluxcybers"))

const SOURCE = "@fluxcybers/source"
const built = new URL("../dist/cli/main.js", import.meta.url)
const isSourceAsked = process.execArgv.some((option) => option.endsWith(SOURCE))
if (existsSync(built) && !isSourceAsked) {
  await import(built.href)
} else {
  // What `node --conditions=…` does, without a second process that would have to pass signals on.
  if (!isSourceAsked) {
    module.registerHooks({
      resolve: (name, context, next) => next(name, { ...context, conditions: [...context.conditions, SOURCE] })
    })
  }
  await import(new URL("../src/cli/main.ts", import.meta.url).href)
}
