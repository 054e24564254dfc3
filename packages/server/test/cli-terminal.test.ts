// At a terminal: what a person is shown and asked. The terminal is a real one, made by util-linux's `script`.
import { execFileSync, spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { startTestSshServer, type TestSshServer } from "@fluxcybers/executor/testing/ssh-server"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { type Person, type ServedFolder, serveFolder } from "./cli-process.ts"

// Every step is a process of its own, and the machine may be busy with other suites.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const SCRIPT = "/usr/bin/script"
const isThere = existsSync(SCRIPT) && execFileSync(SCRIPT, ["--version"], { encoding: "utf8" }).includes("util-linux")

let served: ServedFolder
let host: TestSshServer
let ada: Person

interface Answered {
  readonly code: number | null
  /** Everything on the terminal. */
  readonly shown: string
}

/** Runs a command at a terminal of 100 columns; types each answer when its question has appeared. */
const atTerminal = (
  args: string | ReadonlyArray<string>,
  answers: ReadonlyArray<readonly [question: string, keys: string]>
): Promise<Answered> =>
  new Promise((resolve) => {
    const { file, args: command, env } = ada.invocation(typeof args === "string" ? args.split(" ") : args)
    const line = `stty cols 100; ${[file, ...command].map((word) => `'${word}'`).join(" ")}`
    const child = spawn(SCRIPT, ["-q", "-e", "-c", line, "/dev/null"], { env: { ...env, TERM: "xterm" } })
    const waiting = [...answers]
    let shown = ""
    let unread = ""
    child.stdout.on("data", (chunk) => {
      shown += String(chunk)
      unread += String(chunk)
      const [next] = waiting
      if (next === undefined || !unread.includes(next[0])) return
      unread = ""
      waiting.shift()
      child.stdin.write(next[1])
    })
    child.once("close", (code) => resolve({ code, shown: shown.replaceAll("\r", "") }))
  })

// `script` of other systems takes other arguments; Linux always has this one.
describe.skipIf(!isThere)("at a terminal", () => {
  beforeAll(async () => {
    ;[served, host] = await Promise.all([serveFolder(), startTestSshServer()])
    ada = served.newcomer()
    await ada.ok(["login", "--link", served.ownerLink, "--name", "Ada"])
    await ada.ok(["secret", "put", "ssh/web", "--file", served.file("key", host.privateKey)])
  })

  afterAll(async () => {
    await host?.stop()
    await served?.stop()
  })

  it("a secret is typed twice, and not shown", async () => {
    const { code, shown } = await atTerminal("secret put typed", [
      ["Value of typed (not shown): ", "canary-typed\r"],
      ["The same again: ", "canary-typed\r"]
    ])
    expect(code).toBe(0)
    expect(shown).toContain("Sealed typed, version 1.")
    expect(shown).not.toContain("canary")
    const revealed = await ada.run(["secret", "reveal", "typed", "--purpose", "test"])
    expect(revealed.stdout.toString()).toBe("canary-typed")
  })

  it("two different values are not sealed", async () => {
    const { code } = await atTerminal("secret put other", [
      ["Value of other (not shown): ", "one\r"],
      ["The same again: ", "two\r"]
    ])
    expect(code).toBe(2)
    expect(await ada.ok(["secret", "list"])).not.toContain("other")
  })

  it("a target's key is read, shown, and used only once it was compared", async () => {
    const add = `target add web-1 --host ${host.host} --port ${host.port} --account ${host.account} --credential ssh/web`
    const refused = await atTerminal(add, [["Is it the same? [y/N] ", "\r"]])
    expect(refused.code).toBe(1)
    expect(refused.shown).toContain(host.hostKey())
    expect(await ada.ok(["target", "list"])).toContain("There are no targets")
    const added = await atTerminal(add, [["Is it the same? [y/N] ", "y\r"]])
    expect(added.code).toBe(0)
    expect(await ada.ok(["target", "list"])).toContain(host.hostKey())
  })

  it("`run` shows exactly what would run, asks, runs it, and ends with its status", async () => {
    const { code, shown } = await atTerminal(
      ["run", "-t", "web-1", "--", "sh", "-c", "exit 3 # \u202e"],
      [["Run it? [y/N] ", "y\r"]]
    )
    expect(shown).toContain(`tester@127.0.0.1:${host.port}\n              host key ${host.hostKey()}`)
    expect(shown).toContain("Command     sh -c 'exit 3 # <U+202E>'")
    expect(shown).toContain("<U+202E> is right-to-left override")
    expect(shown).toMatch(/Proposed +.* by Ada \(person_/)
    expect(shown).toMatch(/Digest +[0-9a-f]{64}\n/)
    expect(code).toBe(3)
  })

  it.each([
    ["no", "n\r"],
    ["Ctrl-C", "\x03"]
  ])("`run` answered with %s takes the proposal back", async (_, keys) => {
    const { code, shown } = await atTerminal("run -t web-1 -- touch /nonexistent/never", [["Run it? [y/N] ", keys]])
    expect(code).toBe(246)
    expect(shown).toContain("It was withdrawn. Nothing ran.")
  })

  it("`approve` shows the same, and approves what was shown", async () => {
    const id = (await ada.ok(["run", "--detach", "-t", "web-1", "--", "true"])).trim()
    const no = await atTerminal(`approve ${id}`, [["Approve exactly this? [y/N] ", "\r"]])
    expect(no.code).toBe(1)
    const yes = await atTerminal(`approve ${id}`, [["Approve exactly this? [y/N] ", "y\r"]])
    expect(yes.shown).toMatch(/Command +true\n/)
    expect(yes.shown).toContain("Approved. It runs now.")
    expect(yes.code).toBe(0)
  })

  it("a secret is destroyed when its name was typed, and not when something else was", async () => {
    const wrong = await atTerminal("secret destroy typed", [["Type its name to go on: ", "yes\r"]])
    expect(wrong.code).toBe(2)
    const right = await atTerminal("secret destroy typed", [["Type its name to go on: ", "typed\r"]])
    expect(right.code).toBe(0)
  })
})
