import { createRequire } from "node:module"

// The package by its own name: the same from source and from any chunk of the built program.
const manifest: { readonly version: string } = createRequire(import.meta.url)("@fluxcybers/server/package.json")

export const VERSION = manifest.version
