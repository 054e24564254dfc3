// vitest's global setup of the tests that start `fluxcybers`: the command as it ships, bundled once from the sources under test.
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { join, resolve } from "node:path"
import type { TestProject } from "vitest/node"
import { bundleCommand } from "../scripts/bundle-command.ts"

const REPOSITORY = resolve(import.meta.dirname, "../..")
/** Under `node_modules`, so that the command finds its dependencies. */
const CACHE = join(REPOSITORY, "node_modules/.cache")

let folder: string

export const setup = async (project: TestProject): Promise<void> => {
  mkdirSync(CACHE, { recursive: true })
  folder = mkdtempSync(join(CACHE, "fluxcybers-command-"))
  await bundleCommand(join(folder, "dist/cli"))
  cpSync(join(REPOSITORY, "packages/server/bin"), join(folder, "bin"), { recursive: true })
  project.provide("commandFile", join(folder, "bin/fluxcybers.mjs"))
}

export const teardown = (): void => rmSync(folder, { recursive: true, force: true })
