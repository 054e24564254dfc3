// The suite of executors against a server that speaks the Engine API; what it does there; and the same as a plugin, over the broker's Unix socket.
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { executorSuite, madeExecutor, pluginExecutor, runInTestHost } from "@fluxcybers/executor/testing"
import { Cause, Effect, Exit } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import { executors } from "../src/plugin.ts"
import { startEngine } from "./engine-server.ts"

const folder = mkdtempSync(join(tmpdir(), "fluxcybers-docker-"))
const socket = join(folder, "docker.sock")
const engine = await startEngine(socket)
afterAll(async () => {
  await engine.stop()
  rmSync(folder, { recursive: true })
})

const [exec, restart] = executors.map(madeExecutor)
const PLUGIN = join(import.meta.dirname, "..")
const web = { socket, container: "web" }
/** Nobody else sleeps so long. */
const SLEEP = "4713"

executorSuite("example.docker-exec", {
  make: exec!,
  valid: [
    { ...web, argv: ["echo", "it's", "$HOME"] },
    { ...web, argv: ["sh", "-c", "echo out; echo err >&2"] }
  ],
  invalid: [
    null,
    web,
    { ...web, argv: [] },
    { ...web, argv: ["a\0"] },
    { ...web, container: "../x", argv: ["ls"] },
    { ...web, argv: ["ls"], more: 1 }
  ],
  failing: [
    { ...web, container: "nobody", argv: ["ls"] },
    { ...web, socket: "/nowhere/docker.sock", argv: ["ls"] }
  ],
  endless: { ...web, argv: ["sh", "-c", `sleep ${SLEEP} & sleep ${SLEEP}`], timeoutMs: 1_000 },
  flooding: { ...web, argv: ["yes"], outputBytesMax: 1_000_000 },
  leftovers: async () => {
    const lines = execFileSync("ps", ["-eo", "args"]).toString().split("\n")
    return lines.filter((line) => line === `sleep ${SLEEP}` || line === "yes")
  }
})

executorSuite("example.docker-restart", {
  make: restart!,
  valid: [web],
  invalid: [null, {}, { ...web, argv: ["ls"] }, { ...web, socket: "docker.sock" }],
  failing: [{ ...web, container: "nobody" }]
})

const run = (input: object, make = exec!) =>
  Effect.runPromise(Effect.flatMap(make, (executor) => runInTestHost({ executor, input })))

describe("in a container", () => {
  it("a command has its words, its streams and its status", async () => {
    const { stdout, stderr, exit } = await run({
      ...web,
      argv: ["sh", "-c", 'printf "[%s]" "$@"; echo oh >&2; exit 3', "sh", "a b", ""]
    })
    expect([`${stdout}`, `${stderr}`]).toEqual(["[a b][]", "oh\n"])
    expect(exit).toMatchObject({ value: { isSuccess: false, output: { exitCode: 3 } } })
  })

  it("what the engine refuses was not started, in its words", async () => {
    const { exit } = await run({ ...web, container: "nobody", argv: ["ls"] })
    const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
    expect(error).toMatchObject({ reason: { _tag: "StartRefused", detail: "No such container: nobody" } })
  })

  it("is restarted once", async () => {
    const before = engine.restarts()
    expect((await run(web, restart)).exit).toMatchObject({ value: { isSuccess: true } })
    expect(engine.restarts()).toBe(before + 1)
  })

  it("a command is run by the plugin's own process, over the one socket of its plan", async () => {
    const { plan, stdout, exit } = await run(
      { ...web, argv: ["echo", "hello"] },
      pluginExecutor(PLUGIN, "example.docker-exec")
    )
    expect(plan.hosts).toEqual([`unix:${socket}`])
    expect(exit).toMatchObject({ value: { isSuccess: true } })
    expect(`${stdout}`).toBe("hello\n")
  })
})
