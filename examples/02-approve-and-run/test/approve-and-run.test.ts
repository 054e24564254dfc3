import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { describe, expect, it } from "vitest"

const run = async (file: string) => {
  const path = join(import.meta.dirname, "../src", file)
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--conditions=@fluxcybers/source", path])
  expect(stderr).toBe("")
  return stdout.trimEnd().split("\n")
}

const proposed = [
  "proposed Runs echo '$HOME is not expanded: no shell' (read: echo prints text)",
  expect.stringMatching(/^digest {3}[0-9a-f]{64}$/)
]
const output = "output   $HOME is not expanded: no shell"
// proposed, approved, granted, started, run settled, settled
const log = "log      6 entries, 0 problems"

describe("approve and run", () => {
  it("with promises", async () => {
    expect(await run("promise.ts")).toEqual([...proposed, output, "ended    succeeded", log])
  })

  it("with Effect", async () => {
    const lines = await run("effect.ts")
    expect(lines.slice(0, 2)).toEqual(proposed)
    expect(lines[2]).toMatch(/^agent {4}Only a person can decide\./)
    const states = lines.filter((line) => line.startsWith("state"))
    expect(states.at(-1)).toBe("state    succeeded")
    expect(lines.filter((line) => line.startsWith("output"))).toEqual([output])
    expect(lines.filter((line) => line.startsWith("logged")).reverse()).toEqual([
      "logged   execution.proposed",
      "logged   execution.approved",
      "logged   execution.granted",
      "logged   execution.started",
      "logged   run.settled",
      "logged   execution.settled"
    ])
    expect(lines.at(-1)).toBe(log)
  })
})
