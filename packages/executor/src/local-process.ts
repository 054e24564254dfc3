// A process on this host, in a session of its own.
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process"
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from "node:fs"
import { homedir, tmpdir } from "node:os"
import { join } from "node:path"
import type { Readable } from "node:stream"
import { Effect, Redacted } from "effect"
import type { CommandResult } from "./command-input.ts"
import type { Plan } from "./plan.ts"
import { endGroup } from "./process-group.ts"
import { StartRefused, StopUnconfirmed } from "./run-error.ts"

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

export interface LocalProcess {
  readonly pid: number
  readonly stdout: Readable
  readonly stderr: Readable
  readonly exited: Promise<CommandResult>
}

export interface ProcessInput {
  readonly secretEnv: ReadonlyArray<readonly [name: string, value: Redacted.Redacted]>
  readonly stdin: Uint8Array | undefined
}

/** Starts the command of a plan. */
export const startProcess = (plan: Plan, input: ProcessInput): Effect.Effect<LocalProcess, StartRefused> =>
  Effect.callback((resume) => {
    const refuse = (cause: unknown) => resume(Effect.fail(new StartRefused({ detail: refusal(plan, cause) })))
    try {
      const child = spawnCommand(plan, input)
      child.once("error", refuse)
      child.once("spawn", () => {
        feed(child, input.stdin)
        resume(Effect.succeed(running(child)))
      })
    } catch (cause) {
      refuse(cause)
    }
  })

const spawnCommand = (plan: Plan, { secretEnv, stdin }: ProcessInput): ChildProcess => {
  const env = {
    PATH: process.env["PATH"] ?? DEFAULT_PATH,
    HOME: homedir(),
    LANG: process.env["LANG"] ?? "C.UTF-8",
    ...plan.env,
    ...Object.fromEntries(secretEnv.map(([name, value]) => [name, Redacted.value(value)]))
  }
  const stdio: Array<"pipe" | "ignore" | number> = [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"]
  const options: SpawnOptions = { env, cwd: plan.cwd ?? homedir(), detached: true, stdio }
  if (plan.command._tag === "Argv") return spawn(plan.command.argv[0], plan.command.argv.slice(1), options)
  if (plan.command._tag !== "Script") throw new Error("the executor that made the plan knows no files")
  const script = openScript(plan.command.script)
  try {
    return spawn("/bin/sh", ["/dev/fd/3"], { ...options, stdio: [...stdio, script] })
  } finally {
    closeSync(script)
  }
}

/**
 * The script as a file without a name: it arrives byte by byte as it is, however long, with standard input left to the command.
 * (Node's own pipes are sockets, which cannot be opened through /dev/fd.)
 */
const openScript = (script: string): number => {
  const folder = mkdtempSync(join(tmpdir(), "fluxcybers-script-"))
  try {
    const path = join(folder, "script")
    writeFileSync(path, script, { mode: 0o600 })
    return openSync(path, "r")
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const running = (child: ChildProcess): LocalProcess => ({
  pid: child.pid!,
  stdout: child.stdout!,
  stderr: child.stderr!,
  exited: new Promise((resolve) => {
    child.once("exit", (exitCode, signal) => resolve(exitCode === null ? { signal: signal! } : { exitCode }))
  })
})

/** A command that does not read its input, or ends early, is no failure. */
const feed = (child: ChildProcess, stdin: Uint8Array | undefined) => {
  child.stdin?.on("error", () => {})
  child.stdin?.end(stdin)
}

const refusal = ({ command, cwd }: Plan, cause: unknown): string => {
  const code = errorCode(cause)
  if (cwd !== undefined && !isFolder(cwd)) return `there is no folder ${JSON.stringify(cwd)} on this host.`
  const program = JSON.stringify(command._tag === "Argv" ? command.argv[0] : "/bin/sh")
  if (code === "ENOENT") return `there is no program ${program} on this host.`
  if (code === "EACCES") return `${program} may not be executed.`
  if (code === "E2BIG")
    return "the arguments and the environment are longer than this host allows. Use a script or standard input."
  return `this host refused to start ${program} (${code}).`
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

/** Kills the process and everything in its group. Fails when something of it still runs afterwards. */
export const stopProcess = Effect.fnUntraced(function* ({ pid, stdout, stderr }: LocalProcess) {
  const isGone = yield* endGroup(pid)
  stdout.destroy()
  stderr.destroy()
  if (!isGone) return yield* new StopUnconfirmed({ target: "local" })
})

const errorCode = (cause: unknown): string =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "unknown"
