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

describe("seal and reveal", () => {
  it("with promises", async () => {
    expect(await run("promise.ts")).toEqual([
      expect.stringMatching(/^stored {3}fv1\.AQAAA[\w-]{11}$/),
      "opened   DE89 3704 0044 0532 0130 00",
      "printed  <redacted>",
      "revealed correct horse battery staple"
    ])
  })

  it("one column, without a database", async () => {
    expect(await run("one-column.ts")).toEqual([
      expect.stringMatching(/^stored {3}fv1\.AQAAA[\w-]{11}$/),
      "opened   DE89 3704 0044 0532 0130 00"
    ])
  })

  it("with Effect", async () => {
    expect(await run("effect.ts")).toEqual([
      "stored   115 bytes",
      "opened   DE89 3704 0044 0532 0130 00",
      "printed  <redacted>",
      "revealed correct horse battery staple",
      "logged   secret.revealed { purpose: 'nightly backup', version: 1 }",
      "logged   secret.put { version: 1 }"
    ])
  })
})
