import { execFileSync } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { Effect } from "effect"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, vi } from "vitest"
import { localExecutor } from "../src/local.ts"
import { runInTestHost, type TestRun } from "../src/testing/test-host.ts"

const run = (input: unknown, more: Partial<TestRun> = {}) => runInTestHost({ executor: localExecutor, input, ...more })

const outputOf = (input: unknown, more: Partial<TestRun> = {}) =>
  Effect.map(run(input, more), ({ stdout, stderr, exit }) => ({
    stdout: stdout.toString(),
    stderr: stderr.toString(),
    exit
  }))

const reasonOf = (input: unknown, more: Partial<TestRun> = {}) =>
  Effect.map(run(input, more), ({ exit }) => (exit._tag === "Failure" ? exit.cause.reasons : exit.value))

const failure = (tag: string, fields: object = {}) => [
  { _tag: "Fail", error: { _tag: "RunError", executor: "local", reason: { _tag: tag, ...fields } } }
]

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fluxcybers-local-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** The processes of a group that are not dead; the orphans of a group stay as zombies until somebody reaps them. */
const livingOf = (group: number) =>
  execFileSync("ps", ["-eo", "pgid=,stat=,args="], { encoding: "utf8" })
    .split("\n")
    .filter((line) => Number.parseInt(line, 10) === group && !/^\s*\d+\s+Z/.test(line))

describe("what arrives", () => {
  it.live("each argument arrives byte by byte as it is", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(fc.array(fc.string({ unit: "binary", maxLength: 40 }), { maxLength: 24 }), async (words) => {
          const argv = words.map((word) => word.replaceAll("\0", ""))
          const program = "process.stdout.write(JSON.stringify(process.argv.slice(1)))"
          const input = { argv: [process.execPath, "-e", program, "--", ...argv] }
          const { stdout } = await Effect.runPromise(outputOf(input))
          expect(JSON.parse(stdout)).toEqual(argv)
        }),
        { numRuns: 12 }
      )
    )
  )

  it.live("no shell interprets an argument vector", () =>
    Effect.gen(function* () {
      const { stdout } = yield* outputOf({ argv: ["echo", "$HOME", "`id`", "*", "a;b", "-n"] })
      expect(stdout).toBe("$HOME `id` * a;b -n\n")
    })
  )

  it.live("a script of 250 kB arrives as it is, with standard input left to it", () =>
    Effect.gen(function* () {
      const value = "é'\"$`\\\t\n".repeat(22_000)
      const script = `cat <<'END'\n${value}\nEND\nexec cat`
      const { stdout } = yield* outputOf({ script, stdin: "standard input" })
      expect(stdout).toBe(`${value}\nstandard input`)
    })
  )

  it.live("a script leaves no file behind", () =>
    Effect.gen(function* () {
      // A folder of its own: what killed processes left in the machine's is not this run's.
      const folder = mkdtempSync(join(tmpdir(), "fluxcybers-local-test-"))
      yield* Effect.acquireRelease(
        Effect.sync(() => vi.stubEnv("TMPDIR", folder)),
        () => Effect.sync(() => vi.unstubAllEnvs())
      )
      expect((yield* outputOf({ script: 'readlink "$0"' })).stdout).toContain(folder)
      expect(readdirSync(folder)).toEqual([])
    })
  )

  it.live("standard input is empty unless it is given", () =>
    Effect.gen(function* () {
      expect((yield* outputOf({ argv: ["cat"] })).stdout).toBe("")
      expect((yield* outputOf({ argv: ["cat"], stdin: "ü".repeat(500_000) })).stdout).toBe("ü".repeat(500_000))
      expect((yield* outputOf({ argv: ["true"], stdin: "x".repeat(1_000_000) })).exit._tag).toBe("Success")
    })
  )

  it.live("the environment holds PATH, HOME, LANG, and what the plan adds", () =>
    Effect.gen(function* () {
      const input = { argv: ["env"], env: { PLAIN: "a b\nc", LANG: "C" }, secretEnv: { TOKEN: "api-token" } }
      const { stdout } = yield* outputOf(input, { secrets: { "api-token": "canary-4711" } })
      expect(
        stdout
          .replace(/^(PATH|HOME)=.*$/gm, "$1")
          .split("\n")
          .sort()
      ).toEqual(["", "HOME", "LANG=C", "PATH", "PLAIN=a b", "TOKEN=***", "c"].sort())
    })
  )

  it.live("the working directory is the plan's", () =>
    Effect.gen(function* () {
      expect((yield* outputOf({ argv: ["pwd"], cwd: folder })).stdout).toBe(`${folder}\n`)
    })
  )
})

describe("how it ends", () => {
  it.live("with the exit status, and success only for 0", () =>
    Effect.gen(function* () {
      expect(yield* reasonOf({ script: "exit 0" })).toEqual({ isSuccess: true, output: { exitCode: 0 } })
      expect(yield* reasonOf({ script: "exit 3" })).toEqual({ isSuccess: false, output: { exitCode: 3 } })
      expect(yield* reasonOf({ script: "exit 255" })).toEqual({ isSuccess: false, output: { exitCode: 255 } })
    })
  )

  it.live("with the signal that killed it, which is no exit status", () =>
    Effect.gen(function* () {
      expect(yield* reasonOf({ script: "kill -SEGV $$" })).toEqual({ isSuccess: false, output: { signal: "SIGSEGV" } })
    })
  )

  it.live("a program that is not there is refused before anything starts", () =>
    Effect.gen(function* () {
      const detail = 'there is no program "no-such-program" on this host.'
      expect(yield* reasonOf({ argv: ["no-such-program"] })).toMatchObject(failure("StartRefused", { detail }))
    })
  )

  it.live("so are a folder that is not there, a file that may not be executed, and arguments that are too long", () =>
    Effect.gen(function* () {
      const refused = (input: object) => Effect.map(reasonOf(input), (reasons) => JSON.stringify(reasons))
      expect(yield* refused({ argv: ["true"], cwd: "/no/such/folder" })).toContain("there is no folder")
      expect(yield* refused({ argv: ["/etc/passwd"] })).toContain("may not be executed")
      expect(yield* refused({ argv: ["true", "x".repeat(200_000)] })).toContain("longer than this host allows")
    })
  )

  it.live("a secret that is no text cannot become an environment variable", () =>
    Effect.gen(function* () {
      const input = { argv: ["env"], secretEnv: { TOKEN: "blob" } }
      const reasons = yield* reasonOf(input, { secrets: { blob: new Uint8Array([0xff, 0x00]) } })
      expect(reasons).toMatchObject(failure("CredentialMalformed", { secret: "blob" }))
      expect(yield* reasonOf(input)).toMatchObject(failure("SecretDenied", { secret: "blob" }))
    })
  )

  it.live("a process left in the background that holds the output open is not waited for", () =>
    Effect.gen(function* () {
      const startedMs = performance.now()
      const { stdout, exit } = yield* outputOf({ script: "sleep 5 & echo $!; echo done" })
      expect(exit).toMatchObject({ value: { output: { exitCode: 0 } } })
      expect(stdout).toMatch(/^\d+\ndone\n$/)
      expect(performance.now() - startedMs).toBeLessThan(2_000)
      process.kill(Number.parseInt(stdout, 10))
    })
  )
})

describe("stopping", () => {
  const tree = (trap: string) => ({
    script: `${trap}; (${trap}; (${trap}; echo grandchild; sleep 60; sleep 60) & sleep 60; sleep 60) & echo $$; sleep 60; sleep 60`,
    timeoutMs: 1_000
  })

  it.live("a timeout ends the command and its children", () =>
    Effect.gen(function* () {
      const outcome = yield* run(tree("true"))
      const pid = Number(/^\d+$/m.exec(outcome.stdout.toString())?.[0])
      expect(outcome.ending).toBe("timed-out")
      expect(pid).toBeGreaterThan(1)
      expect(livingOf(pid)).toEqual([])
    })
  )

  it.live("a command that ignores TERM is killed after 5 seconds", () =>
    Effect.gen(function* () {
      const outcome = yield* run(tree("trap '' TERM"))
      const pid = Number(/^\d+$/m.exec(outcome.stdout.toString())?.[0])
      expect(outcome.ending).toBe("timed-out")
      expect(livingOf(pid)).toEqual([])
    })
  )

  it.live("the output limit stops a command that writes for ever", () =>
    Effect.gen(function* () {
      const outcome = yield* run({ argv: ["yes"], outputBytesMax: 10_000_000 })
      expect(outcome.ending).toBe("output-limit")
      expect(outcome.outputBytes).toBeLessThanOrEqual(10_000_000)
    })
  )

  it.live("output waits for a slow taker with little memory, and nothing of it is lost", () =>
    Effect.gen(function* () {
      let bytes = 0
      const outcome = yield* run(
        { argv: ["head", "-c", "5000000", "/dev/zero"] },
        {
          onOutput: (_, piece) => {
            bytes += piece.length
            return Effect.sleep(5)
          }
        }
      )
      expect([bytes, outcome.outputBytes]).toEqual([5_000_000, 5_000_000])
    })
  )
})
