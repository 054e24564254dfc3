import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { expect, it } from "vitest"

const MAIN = join(import.meta.dirname, "../src/main.ts")

it("the demo runs a command over SSH, verifies the log, and catches one changed byte", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["--conditions=@fluxcybers/source", MAIN, "--yes"])
  expect(stdout).toContain("Hello from")
  expect(stdout).toContain("everything is as it was signed")
  expect(stdout).toMatch(/1 problem|\d+ problems/)
  expect(stdout).toMatch(/Done in \d/)
}, 120_000)
