// The command that judges command lines, as a process and as text.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { classify } from "@fluxcybers/executor/classify"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { classificationView } from "../src/cli/classification-view.ts"
import { type Person, person } from "./cli-process.ts"

let home: string
let somebody: Person

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "fluxcybers-classify-"))
  somebody = person(home)
})

afterAll(() => rmSync(home, { recursive: true, force: true }))

describe("fluxcybers classify", () => {
  it("prints one JSON object for each line of standard input, without a server", async () => {
    const text = await somebody.ok(["classify", "--json"], { stdin: "df -h\n\nls > f; rm -rf x\nuptime" })
    const answers = text.trimEnd().split("\n")
    expect(answers.map((answer) => JSON.parse(answer).class)).toEqual(["read", "unknown", "destroy", "read"])
    expect(JSON.parse(answers[2] ?? "").parts).toEqual([
      { range: [0, 6], class: "read", why: expect.any(String) },
      { range: [3, 6], class: "write", why: "writes to f" },
      { range: [8, 16], class: "destroy", why: expect.any(String) }
    ])
  })

  it("answers each line as soon as it is there", async () => {
    const { file, args, env } = somebody.invocation(["classify", "--json"])
    const { spawn } = await import("node:child_process")
    const child = spawn(file, args, { env })
    child.stdin.write("uptime\n")
    const first = await new Promise((resolve) => child.stdout.once("data", (bytes) => resolve(String(bytes))))
    child.stdin.end()
    expect(JSON.parse(String(first)).class).toBe("read")
  })

  it("marks for a person what each part would do", () => {
    expect(classificationView("ls > f", classify("ls > f"))).toBe(
      [
        "write       ls > f",
        "            ^^^^^^",
        `            read: ${classify("ls").parts[0]?.why}`,
        "               ^^^",
        "            write: writes to f",
        ""
      ].join("\n")
    )
  })

  it("shows characters that cannot be seen, and still marks the right place", () => {
    const line = "ls \u202e"
    expect(classificationView(line, classify(line))).toContain(
      "unknown     ls <U+202E>\n               ^^^^^^^^\n            unknown: an invisible or control character, U+202E\n"
    )
  })
})
