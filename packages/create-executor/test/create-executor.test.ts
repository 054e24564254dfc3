// A new plugin is written, and what was written passes its own tests as it is.
import { execFile } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { CreationRefused, createExecutor } from "../src/create-executor.ts"

const PROGRAM = join(import.meta.dirname, "../bin/create-executor.mjs")
/** Vitest of the new plugin, not of this one. */
const ENVIRONMENT = { PATH: process.env["PATH"], HOME: tmpdir(), NO_COLOR: "1" }

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fluxcybers-create-"))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const node = (cwd: string, args: ReadonlyArray<string>): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, args, { cwd, env: ENVIRONMENT }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr })
    })
  })

describe("a new plugin", () => {
  it("is written by the program, and passes its tests and the compiler as it is", async () => {
    const made = await node(folder, [PROGRAM, "acme.read-path", "--link"])
    expect(made).toMatchObject({
      code: 0,
      stderr: "",
      stdout: expect.stringContaining("cd acme-read-path\n  npm test")
    })
    const place = join(folder, "acme-read-path")
    expect(readdirSync(place).sort()).toEqual([
      ".gitignore",
      "README.md",
      "node_modules",
      "package.json",
      "src",
      "test",
      "tsconfig.json",
      "vitest.config.ts"
    ])
    const tested = await node(place, ["node_modules/vitest/vitest.mjs", "run"])
    expect(tested.stdout + tested.stderr).toMatch(/Tests .*25 passed \(25\)/)
    expect(tested.code).toBe(0)
    expect(await node(place, ["node_modules/typescript/bin/tsc"])).toEqual({ code: 0, stdout: "", stderr: "" })
  }, 180_000)

  it("asks for published packages unless it is linked, and has no place left to fill in", () => {
    const { files } = createExecutor({ id: "acme.tool", folder: join(folder, "published"), isLinked: false })
    expect(existsSync(join(folder, "published/node_modules"))).toBe(false)
    const manifest = JSON.parse(readFileSync(join(folder, "published/package.json"), "utf8"))
    expect(manifest).toMatchObject({ name: "acme-tool", devDependencies: { "@fluxcybers/executor": "^0.1.0" } })
    for (const file of files) expect(readFileSync(file, "utf8")).not.toMatch(/\{\{|fluxcybers\/source/)
  })
})

describe("nothing is written", () => {
  const refusal = (id: string, place?: string) => {
    try {
      createExecutor({ id, folder: place, isLinked: false })
    } catch (cause) {
      expect(cause).toBeInstanceOf(CreationRefused)
      return String(cause)
    }
    throw new Error("It was written.")
  }

  it.each(["local", "Acme.Restart", "acme.", "acme..x", "../acme.x", "acme.restart it", "", `a.${"b".repeat(64)}`])(
    "for the id %j",
    (id) => {
      expect(refusal(id, join(folder, "new"))).toMatch(
        /is not an id for an executor.*as in acme\.restart\. Nothing was written/
      )
      expect(existsSync(join(folder, "new"))).toBe(false)
    }
  )

  it("into a folder that is not empty, or over a file", () => {
    mkdirSync(join(folder, "full"))
    writeFileSync(join(folder, "full/mine"), "mine")
    expect(refusal("acme.x", join(folder, "full"))).toMatch(/is not empty\. Name a new folder\. Nothing was written/)
    expect(refusal("acme.x", join(folder, "full/mine"))).toMatch(/is a file/)
    expect(readdirSync(join(folder, "full"))).toEqual(["mine"])
  })

  it("by a wrong command line, which is explained", async () => {
    const wrong = await node(folder, [PROGRAM, "--lnk"])
    expect(wrong).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: .*--lnk.*\nusage: create-executor ID/s)
    })
    expect(await node(folder, [PROGRAM])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("An id is wanted.")
    })
  })
})
