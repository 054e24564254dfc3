// `run` against a real SSH server: what arrives there, what comes back, and how it ends.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { startTestSshServer, type TestSshServer } from "@fluxcybers/executor/testing/ssh-server"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { approveNow, ended, type Person, pendingId, type ServedFolder, said, serveFolder } from "./cli-process.ts"

// Every step is a process of its own, and the machine may be busy with other suites.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let served: ServedFolder
let host: TestSshServer
let ada: Person
/** The settings of a target on that host. */
let onHost: ReadonlyArray<string>

beforeAll(async () => {
  ;[served, host] = await Promise.all([serveFolder(), startTestSshServer()])
  ada = served.newcomer()
  await ada.ok(["login", "--link", served.ownerLink, "--name", "Ada"])
  await ada.ok(["secret", "put", "ssh/web", "--file", served.file("key", host.privateKey)])
  await ada.ok(["secret", "put", "api-key", "--stdin"], { stdin: CANARY })
  onHost = ["--account", host.account, "--credential", "ssh/web", "--host-key", host.hostKey()]
  await ada.ok(["target", "add", "web-1", "--host", host.host, "--port", String(host.port), ...onHost])
})

afterAll(async () => {
  await host?.stop()
  await served?.stop()
})

const CANARY = "canary-2f6c9a17-never-in-the-clear"

interface RunOptions {
  readonly stdin?: string
  readonly before?: (id: string) => Promise<unknown>
  readonly during?: (run: ReturnType<Person["start"]>) => Promise<unknown>
}

/** Proposes, approves, and gives what the waiting `run` ended with. */
const runApproved = async (args: ReadonlyArray<string>, options: RunOptions = {}) => {
  const run = ada.start(["run", ...args], { stdin: options.stdin ?? "" })
  const over = ended(run)
  const during = options.during?.(run)
  const id = await pendingId(ada)
  await options.before?.(id)
  await approveNow(ada, id)
  await during
  return { id, ...(await over) }
}

describe("a run", () => {
  it("keeps the two streams apart and exits with the remote status", async () => {
    const { code, stdout, stderr } = await runApproved([
      "-t",
      "web-1",
      "--",
      "sh",
      "-c",
      "printf out; printf err >&2; exit 17"
    ])
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 17, stdout: "out" })
    expect(stderr.replace(/^Waiting.*\n/, "")).toBe("err")
  })

  it("passes a script, standard input, variables and a secret", async () => {
    const script = served.file("script.sh", 'cat; printf " %s %s\\n" "$GREETING" "$(printf %s "$SECRET" | wc -c)"\n')
    const args = [
      "-t",
      "web-1",
      "--script",
      script,
      "--stdin-file",
      "-",
      "--env",
      "GREETING=hello",
      "--secret-env",
      "SECRET=api-key"
    ]
    const { code, stdout } = await runApproved(args, { stdin: "from stdin" })
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: `from stdin hello ${CANARY.length}\n` })
  })

  it("passes bytes that are no text, and nothing but them", async () => {
    const { stdout, stderr } = await runApproved(["-q", "-t", "web-1", "--", "printf", "\\377\\000\\n"])
    expect(stderr).toBe("")
    expect(stdout).toEqual(Buffer.from([255, 0, 10]))
  })

  it("exits with 128 and the signal's number when a signal ended it", async () => {
    expect((await runApproved(["--executor", "local", "--", "sh", "-c", "kill -TERM $$"])).code).toBe(143)
  })

  it("says when the time limit stopped it", async () => {
    const { code, stderr } = await runApproved(["-t", "web-1", "--timeout", "1s", "--", "sleep", "30"])
    expect(code).toBe(250)
    expect(stderr).toContain("time limit")
  })

  it("is stopped on the target by the first Ctrl-C", async () => {
    const { id, code } = await runApproved(["-t", "web-1", "--", "sh", "-c", "echo started >&2; sleep 30"], {
      during: async (run) => {
        await said(run, /started/)
        run.kill("SIGINT")
      }
    })
    expect(code).toBe(251)
    expect((await ada.json(["executions", "show", id])).state).toBe("cancelled")
  })

  it("is refused when its target changed after it was proposed, and says what changed", async () => {
    const { code, stderr } = await runApproved(["-t", "web-1", "--", "true"], {
      before: () => ada.ok(["target", "change", "web-1", "--host", "localhost"])
    })
    expect(code).toBe(247)
    expect(stderr).toContain("host is now localhost, approved was 127.0.0.1")
    await ada.ok(["target", "change", "web-1", "--host", "127.0.0.1"])
  })

  it("says that the host could not be reached", async () => {
    await ada.ok(["target", "add", "gone", "--host", "127.0.0.1", "--port", "1", ...onHost])
    const { code, stderr } = await runApproved(["-t", "gone", "--", "true"])
    expect(code).toBe(241)
    expect(stderr).toMatch(/error: gone: /)
  })

  it("on several targets puts the target's name before each line", async () => {
    await ada.ok(["target", "add", "web-2", "--host", host.host, "--port", String(host.port), ...onHost])
    const { code, stdout } = await runApproved([
      "-t",
      "web-1",
      "-t",
      "web-2",
      "--",
      "sh",
      "-c",
      "echo one; echo two; exit 4"
    ])
    expect(code).toBe(4)
    const lines = stdout
      .toString()
      .split("\n")
      .filter((line) => line !== "")
    expect(lines.sort()).toEqual(["web-1: one", "web-1: two", "web-2: one", "web-2: two"])
  })

  it("with --json gives one document with everything", async () => {
    const args = ["--json", "-t", "web-1", "--", "sh", "-c", "printf out; printf err >&2; exit 5"]
    const { code, stdout, stderr } = await runApproved(args)
    const document = JSON.parse(stdout.toString())
    expect({ code, stderr, exit: document.exit, state: document.execution.state }).toEqual({
      code: 5,
      stderr: "",
      exit: 5,
      state: "failed"
    })
    expect(document.output).toMatchObject([{ target: "web-1", stdout: "b3V0", stderr: "ZXJy", isComplete: true }])
  })

  it("can be left alone, and be looked at later", async () => {
    const id = (await ada.ok(["run", "--detach", "-t", "web-1", "--", "sh", "-c", "echo later; exit 6"])).trim()
    await approveNow(ada, id)
    expect(await ada.ok(["executions", "replay", id, "--raw"])).toBe("later\n")
    expect(await ada.ok(["executions", "show", id])).toMatch(/failed, status 6/)
    const cast = join(served.directory, "..", "later.cast")
    await ada.ok(["executions", "replay", id, "--asciicast", cast])
    expect(readFileSync(cast, "utf8")).toMatch(/^\{"version":2.*\n\[.*"later\\r\\n"\]\n$/s)
    expect((await ada.run(["executions", "replay", id, "--asciicast", cast])).code).toBe(2)
  })

  it("goes on waiting while the server restarts, and misses nothing", async () => {
    const { code, stdout } = await runApproved(["-t", "web-1", "--", "sh", "-c", "echo after; exit 9"], {
      before: () => served.restart()
    })
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 9, stdout: "after\n" })
  })

  it("stops watching when nobody reads its output any more, and the execution goes on", async () => {
    const { id, code } = await runApproved(
      ["-t", "web-1", "--", "sh", "-c", "echo first; sleep 1; echo second; exit 3"],
      {
        during: async (run) => {
          await new Promise((resolve) => run.stdout.once("data", resolve))
          run.stdout.destroy()
        }
      }
    )
    expect(code).toBe(252)
    expect(await ada.ok(["executions", "replay", id, "--raw"])).toBe("first\nsecond\n")
  })
})
