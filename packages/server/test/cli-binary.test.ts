// The file that npm links as `fluxcybers`.
import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const BINARY = new URL("../bin/fluxcybers.mjs", import.meta.url).pathname
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fluxcybers-binary-"))
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const environment = () => ({ PATH: process.env["PATH"], HOME: folder })

describe("the binary", () => {
  it("runs through a link and from any folder, as npm calls it", () => {
    const link = join(folder, "fluxcybers")
    symlinkSync(BINARY, link)
    const said = execFileSync(process.execPath, [link, "--version"], {
      cwd: folder,
      env: environment(),
      encoding: "utf8"
    })
    expect(said).toBe(`fluxcybers ${version}\n`)
  })

  it("keeps its compile cache where only this account can write", () => {
    const cache = join(folder, ".cache", "fluxcybers")
    expect(statSync(cache).mode & 0o022).toBe(0)
  })

  it.each(["20.20.2", "22.18.0", "18.0.0"])("refuses Node.js %s with a message before anything is loaded", (node) => {
    const older = `data:text/javascript,Object.defineProperty(process,"versions",{value:{node:"${node}"}})`
    const { status, stderr } = spawnSync(process.execPath, ["--import", older, BINARY, "--version"], {
      env: environment(),
      encoding: "utf8"
    })
    expect(status).toBe(1)
    expect(stderr).toContain("needs Node.js 22.19 or newer")
  })
})
