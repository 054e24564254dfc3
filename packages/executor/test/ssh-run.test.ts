import { setTimeout as pause } from "node:timers/promises"
import { Cause, Effect, Exit } from "effect"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Executor } from "../src/executor.ts"
import { sshExecutor } from "../src/ssh/index.ts"
import { runInTestHost, type TestRun } from "../src/testing/test-host.ts"
import { commandLines } from "./process-list.ts"
import { openSsh, ourServer, type RunningServer } from "./ssh-servers.ts"

const MIB = 1024 * 1024
const LONG_TEST_MS = 180_000

// OpenSSH's sshd is not on every machine; the closing summary says how to install it.
describe.skipIf(!openSsh.isInstalled)(openSsh.name, () => suite(openSsh.start, 1024))
describe(ourServer.name, () => suite(ourServer.start, 128))

const suite = (start: () => Promise<RunningServer>, floodMib: number) => {
  let server: RunningServer
  beforeAll(async () => {
    server = await start()
  })
  afterAll(() => server?.stop())

  const withExecutor = <A>(use: (executor: Executor) => Effect.Effect<A, unknown>) =>
    Effect.runPromise(Effect.scoped(Effect.flatMap(sshExecutor(), use)))

  const hostRun = (executor: Executor, input: unknown, more: Partial<TestRun> = {}) =>
    runInTestHost({
      executor,
      input,
      target: server.target,
      ...more,
      secrets: { ...server.secrets, ...more.secrets }
    })

  const run = (input: unknown, more?: Partial<TestRun>) =>
    withExecutor((executor) => hostRun(executor, input, more)).then(({ exit, stdout, stderr, ...outcome }) => ({
      ...outcome,
      stdout: stdout.toString(),
      stderr: stderr.toString(),
      result: Exit.isSuccess(exit) ? exit.value.output : Cause.squash(exit.cause)
    }))

  describe("what arrives", () => {
    it("each argument arrives byte by byte as it is", () => {
      const program = "process.stdout.write(JSON.stringify(process.argv.slice(1)))"
      const word = fc.string({ unit: "binary", maxLength: 60 }).map((text) => text.replaceAll("\0", ""))
      return withExecutor((executor) =>
        Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(fc.array(word, { maxLength: 30 }), async (argv) => {
              const input = { argv: [process.execPath, "-e", program, "--", ...argv] }
              const { stdout } = await Effect.runPromise(hostRun(executor, input))
              expect(JSON.parse(stdout.toString())).toEqual(argv)
            }),
            { numRuns: 25 }
          )
        )
      )
    })

    it("so do quotes, empty words, leading dashes and line breaks", async () => {
      const argv = [
        "printf",
        "[%s]",
        "",
        "-n",
        "--",
        "'",
        '"',
        "`id`",
        "$HOME",
        "\\",
        "a\nb\r\n",
        "*",
        "~",
        "!!",
        "ü\u{1f511}"
      ]
      expect((await run({ argv })).stdout).toBe(
        argv
          .slice(2)
          .map((word) => `[${word}]`)
          .join("")
      )
    })

    it("a script of 100 kB and one of 250 kB arrive as they are, with standard input left to them", async () => {
      for (const size of [100_000, 250_000]) {
        const value = "é'\"$`\\\t\n".repeat(size / 11)
        const { stdout } = await run({ script: `cat <<'END'\n${value}\nEND\nexec cat`, stdin: "standard\ninput" })
        expect(stdout).toBe(`${value}\nstandard\ninput`)
      }
    })

    it("a megabyte of standard input arrives, and a command that does not read it ends all the same", async () => {
      const stdin = "0123456789abcdef".repeat(60_000)
      expect((await run({ argv: ["cat"], stdin })).stdout === stdin).toBe(true)
      expect((await run({ argv: ["true"], stdin })).result).toEqual({ exitCode: 0 })
      expect((await run({ argv: ["cat"] })).stdout).toBe("")
    })

    it("environment and working directory are the plan's", async () => {
      const env = { PLAIN: "a 'b'\n$c", EMPTY: "" }
      const { stdout } = await run({ script: 'printf "%s|%s|%s" "$PLAIN" "$EMPTY" "$PWD"', env, cwd: "/usr" })
      expect(stdout).toBe("a 'b'\n$c||/usr")
    })

    it("a secret arrives in the environment, and stands in no process list", async () => {
      const seen: Array<string> = []
      const onOutput = () => Effect.sync(() => void seen.push(...commandLines()))
      const input = { script: 'echo "$TOKEN"; sleep 0.3; echo end', secretEnv: { TOKEN: "api-token" } }
      const { stdout } = await run(input, { secrets: { "api-token": "canary-4711-value" }, onOutput })
      expect(stdout).toBe("***\nend\n")
      expect(seen.filter((line) => line.includes("canary-4711"))).toEqual([])
      expect(seen.filter((line) => line.includes("/bin/sh -c"))).not.toEqual([])
    })
  })

  describe("how it ends", () => {
    it("with each exit status from 0 to 255", () =>
      withExecutor((executor) =>
        Effect.forEach(
          Array.from({ length: 256 }, (_, status) => status),
          Effect.fnUntraced(function* (exitCode) {
            const { exit } = yield* hostRun(executor, { script: `exit ${exitCode}` })
            expect(exit).toMatchObject({ value: { isSuccess: exitCode === 0, output: { exitCode } } })
          }),
          { concurrency: 8 }
        )
      ))

    it.each(["TERM", "KILL", "SEGV", "HUP"])("with the signal %s, which is no exit status", async (name) => {
      expect((await run({ script: `kill -${name} $$` })).result).toEqual({ signal: `SIG${name}` })
    })

    it("a program and a folder that are not there are refused before anything starts", async () => {
      const program = await run({ argv: ["no-such-program"] })
      expect(program.result).toMatchObject({
        reason: { _tag: "StartRefused", detail: expect.stringContaining("program") }
      })
      const folder = await run({ argv: ["true"], cwd: "/no/such/folder" })
      expect(folder.result).toMatchObject({
        reason: { _tag: "StartRefused", detail: expect.stringContaining("directory") }
      })
    })

    it("a process left in the background that holds the output open is not waited for", async () => {
      const startedMs = performance.now()
      const { stdout, result } = await run({ script: "sleep 5 & echo $!; echo done" })
      expect([result, stdout.endsWith("\ndone\n")]).toEqual([{ exitCode: 0 }, true])
      expect(performance.now() - startedMs).toBeLessThan(3_000)
      process.kill(Number.parseInt(stdout, 10))
    })
  })

  describe("output", () => {
    it("comes while the command runs, each stream for itself", async () => {
      const arrivals: Array<readonly [stream: string, text: string, ms: number]> = []
      const onOutput = (stream: string, bytes: Uint8Array) =>
        Effect.sync(() => void arrivals.push([stream, Buffer.from(bytes).toString(), performance.now()]))
      await run({ script: "echo first; sleep 0.5; echo second >&2; sleep 0.5; echo third" }, { onOutput })
      expect(arrivals.map(([stream, text]) => [stream, text])).toEqual([
        ["stdout", "first\n"],
        ["stderr", "second\n"],
        ["stdout", "third\n"]
      ])
      expect(arrivals[2]![2] - arrivals[0]![2]).toBeGreaterThan(800)
    })

    it("arrives whole, and every byte as it is", async () => {
      const onOutput = (_: string, bytes: Uint8Array) => Effect.sync(() => void pieces.push(bytes))
      const pieces: Array<Uint8Array> = []
      const program = "process.stdout.write(Buffer.alloc(5_000_000, Buffer.from(Array.from({length:256},(_, i) => i))))"
      await run({ argv: [process.execPath, "-e", program] }, { onOutput })
      const expected = Buffer.alloc(5_000_000, Buffer.from(Array.from({ length: 256 }, (_, i) => i)))
      expect(Buffer.concat(pieces).equals(expected)).toBe(true)
    })

    it(
      `stops at a limit of ${floodMib} MiB, with little memory`,
      async () => {
        let rssMax = 0
        const onOutput = () =>
          Effect.sync(() => {
            rssMax = Math.max(rssMax, process.memoryUsage.rss())
          })
        const rssBefore = process.memoryUsage.rss()
        const input = { argv: ["head", "-c", `${floodMib + 64}M`, "/dev/zero"], outputBytesMax: floodMib * MIB }
        const { ending, outputBytes } = await run(input, { onOutput })
        expect(ending).toBe("output-limit")
        expect(outputBytes).toBeGreaterThan((floodMib - 1) * MIB)
        expect(outputBytes).toBeLessThanOrEqual(floodMib * MIB)
        expect(rssMax - rssBefore).toBeLessThan(256 * MIB)
      },
      LONG_TEST_MS
    )

    it("waits for a taker that is slow, with little memory", async () => {
      const rssBefore = process.memoryUsage.rss()
      const onOutput = () => Effect.promise(() => pause(200))
      const { ending } = await run({ argv: ["yes"], timeoutMs: 2_000 }, { onOutput })
      expect(ending).toBe("timed-out")
      expect(process.memoryUsage.rss() - rssBefore).toBeLessThan(128 * MIB)
    })
  })
}
