// A plugin runs apart from its host: whatever it does, nobody else is harmed, and it reaches nothing that its plan does not name.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { type AddressInfo, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Cause, Deferred, Effect, Exit, Scope } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Executor } from "../src/index.ts"
import { loadPlugin } from "../src/plugins/index.ts"
import type { ExecutorFacts } from "../src/plugins/messages.ts"
import { pluginProblem } from "../src/plugins/plugin-problem.ts"
import { runInTestHost, type TestOutcome, type TestRun } from "../src/testing/index.ts"

const HOSTILE = join(import.meta.dirname, "plugins/hostile.ts")
const SECRET = "canary-6b1f0e7c2a"

const scope = Effect.runSync(Scope.make())
const limits = { memoryMb: 96, planMs: 500, stopMs: 500 }

let hostile: Executor
let folder = ""
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fluxcybers-plugins-test-"))
  hostile = (await Effect.runPromise(Scope.provide(loadPlugin(HOSTILE, { limits }), scope)))[0]!
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await Effect.runPromise(Scope.close(scope, Exit.void))
})

const run = (input: object, more: Partial<TestRun> = {}): Promise<TestOutcome> =>
  Effect.runPromise(runInTestHost({ executor: hostile, input, ...more }))
const planned = (input: unknown) => Effect.runPromise(Effect.result(hostile.plan(input)))
const succeeded = { _tag: "Success", value: { isSuccess: true, output: { exitCode: 0 } } }

/** The reason of its failure, with its message. */
const failure = ({ exit }: TestOutcome) => {
  const error = Exit.isFailure(exit) ? Cause.findErrorOption(exit.cause) : undefined
  return error?._tag === "Some" ? [error.value.reason._tag, error.value.message] : []
}
/** A run that is told to stop as soon as it has begun. */
const cancelled = (deed: string) => {
  const begun = Deferred.makeUnsafe<void>()
  return run(
    { do: deed },
    { cancel: Deferred.await(begun), onOutput: () => Effect.asVoid(Deferred.succeed(begun, undefined)) }
  )
}

describe("a plugin", () => {
  it("plans and runs like any executor; its class is unknown unless it says another", async () => {
    const outcome = await run({ do: "greet" })
    expect(outcome.exit).toMatchObject(succeeded)
    expect(`${outcome.stdout}`).toBe("hello\n")
    expect(outcome.plan.access).toBe("unknown")
    expect(hostile).toMatchObject({ id: "test.hostile", version: "1", sdk: "^0.1.0" })
  })

  it("refuses input, fails and breaks down as executors do", async () => {
    expect(await planned({ do: "dance" })).toMatchObject({
      failure: { message: expect.stringContaining("an order is wanted") }
    })
    expect(failure(await run({ do: "refuse-start" }))).toEqual([
      "StartRefused",
      "The command was not started: no hands."
    ])
    expect(failure(await run({ do: "throw" }))).toEqual(["PluginBroke", expect.stringContaining("it broke")])
  })

  it("gets the secrets that its plan names, no other, and they are masked", async () => {
    const secrets = { "test/token": SECRET }
    const { stdout, exit } = await run({ do: "reveal", secret: "test/token" }, { secrets })
    expect(exit).toMatchObject(succeeded)
    expect(`${stdout}`).toBe("***")
    expect(failure(await run({ do: "reveal" }, { secrets }))[0]).toBe("SecretDenied")
  })

  it("cannot plan beyond what it declares", async () => {
    expect(await planned({ do: "take-other-secret" })).toMatchObject({
      failure: { message: expect.stringContaining('the secret "other"') }
    })
    expect(await planned({ do: "talk", host: "example.com:80" })).toMatchObject({
      failure: { message: expect.stringContaining("example.com:80") }
    })
  })
})

describe("a plugin reaches nothing else", () => {
  it("neither the host's files nor its environment, processes or signals", async () => {
    const database = join(folder, "fluxcybers.db")
    writeFileSync(database, "data")
    const { stdout } = await run({ do: "read-file write-file spawn environment", path: database })
    const lines = `${stdout}`.split("\n")
    expect(lines.slice(0, 3)).toEqual(["ERR_ACCESS_DENIED", "ERR_ACCESS_DENIED", "ERR_ACCESS_DENIED"])
    expect(lines[3]).not.toMatch(/FLUXCYBERS|VITEST|HOME/)
    const signal = await run({ do: "signal", path: String(process.pid) })
    expect(`${signal.stdout}`).toBe("ERR_ACCESS_DENIED\n")
  })

  it("of the network than the hosts of its plan", async () => {
    const server = createServer((socket) => socket.once("data", (piece) => socket.end(`echo ${piece}\n`)))
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
    const { port } = server.address() as AddressInfo
    const named = await run({ do: "talk talk-elsewhere", path: String(port), host: `127.0.0.1:${port}` })
    expect(`${named.stdout}`.split("\n").slice(0, 2)).toEqual(["echo hello", "done"])
    expect(`${named.stdout}`.split("\n")[2]).not.toMatch(/echo/)
    const none = await run({ do: "talk", path: String(port) })
    expect(`${none.stdout}`).toBe("ERR_ACCESS_DENIED\n")
    server.close()
  })
})

describe("a plugin harms nobody else when it", () => {
  it("crashes while it plans", async () => {
    const refusal = { failure: { message: expect.stringContaining("ended with status 8") } }
    expect(await planned({ do: "crash-in-plan" })).toMatchObject(refusal)
  })

  it("crashes while it runs", async () => {
    expect(failure(await run({ do: "crash" }))).toEqual(["PluginBroke", expect.stringContaining("ended with status 7")])
  })

  it("hangs in a busy loop while it plans", async () => {
    const refusal = { failure: { message: expect.stringContaining("made no plan within 500 ms") } }
    expect(await planned({ do: "spin-in-plan" })).toMatchObject(refusal)
  })

  it("hangs in a busy loop while it runs: it is killed when it does not stop", async () => {
    expect(failure(await cancelled("spin-in-run"))[0]).toBe("StopUnconfirmed")
  })

  it.each(["eat-heap", "eat-buffers"])("wants all memory: %s", async (deed) => {
    const before = process.memoryUsage().rss
    expect(failure(await run({ do: deed }))).toEqual(["PluginBroke", expect.stringMatching(/memory|allocat/i)])
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000)
  })

  it("floods its output without waiting", async () => {
    const before = process.memoryUsage().rss
    const flood = await run({ do: "flood" })
    expect([flood.ending, failure(flood)[0]]).toContainEqual(
      flood.ending === "output-limit" ? "output-limit" : "PluginBroke"
    )
    expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000)
  })

  it("sends what is no message", async () => {
    expect(failure(await run({ do: "garble" }))[0]).toBe("PluginBroke")
  })

  it("is told to stop, and says that it has: the next run is as good as the first", async () => {
    const { exit } = await cancelled("stop-when-told")
    expect(Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)).toBe(true)
    expect((await run({ do: "greet" })).exit).toMatchObject(succeeded)
  })
})

describe("a plugin is not loaded when", () => {
  const refusal = (text: string) => {
    const path = join(folder, "refused.mjs")
    writeFileSync(path, text)
    return Effect.runPromise(Effect.scoped(Effect.flip(loadPlugin(path))))
  }

  it("it is missing", async () => {
    const refused = await Effect.runPromise(Effect.scoped(Effect.flip(loadPlugin("/no/such/plugin.mjs"))))
    expect(refused).toMatchObject({ reason: "missing", message: expect.stringContaining("no such module") })
  })

  it.each([
    ["its module throws", "throw new Error('not today')", "not today"],
    ["it exports nothing", "export const other = 1", "exports neither"]
  ])("%s", async (_, text, detail) => {
    expect(await refusal(text)).toMatchObject({ reason: "load", message: expect.stringContaining(detail) })
  })

  const facts = { id: "a.b", version: "1", summary: "x", needsTarget: false, needs: {}, canCheck: false }
  const place = { folder: "/opt/plugin", guarded: [] }
  const problem = (more: Partial<ExecutorFacts>, at: object = {}) =>
    pluginProblem({ ...facts, sdk: "^0.1.0", ...more }, { ...place, ...at })

  it("it was made for other versions of the SDK, or does not say for which", () => {
    expect(problem({})).toBeUndefined()
    expect(pluginProblem(facts, place)).toEqual(["sdk", expect.stringContaining('add sdk: "^0.1.0"')])
    for (const sdk of ["^7.0.0", "latest", "0.0.9", ">=0.1.0"]) {
      expect(problem({ sdk })).toEqual(["sdk", expect.stringContaining(`made for SDK ${sdk}; this is 0.1.0`)])
    }
  })

  it("it would see the host's data", () => {
    expect(problem({ needs: { files: ["data"] } })?.[0]).toBe("reach")
    expect(problem({}, { folder: tmpdir(), guarded: [folder] })?.[0]).toBe("reach")
    expect(problem({ needs: { files: [tmpdir()] } }, { guarded: [folder] })?.[0]).toBe("reach")
    expect(problem({ needs: { files: [folder] } }, { guarded: [tmpdir()] })?.[0]).toBe("reach")
    expect(problem({ needs: { files: ["/etc/hosts"] } }, { guarded: [folder] })).toBeUndefined()
  })
})
