// The real `fluxcybers` command in child processes: a server, and what people type. Its sign-in and its data stay in one folder.
import { type ChildProcess, spawn } from "node:child_process"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { showCommand, showOutput } from "./terminal.ts"

const BIN = join(
  dirname(createRequire(import.meta.url).resolve("@fluxcybers/server/package.json")),
  "bin/fluxcybers.mjs"
)
const START_TIMEOUT_MS = 20_000

export interface Finished {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export class FluxCybers {
  readonly #folder: string
  #server: ChildProcess | undefined

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Starts a server on a port that the system chooses; returns the one-time owner link. */
  async serve(): Promise<string> {
    const server = this.#spawn(["serve", "--data-dir", this.dataFolder, "--port", "0"], "pipe")
    this.#server = server
    let output = ""
    for (const stream of [server.stdout, server.stderr]) stream?.on("data", (chunk) => (output += chunk))
    for (const deadline = Date.now() + START_TIMEOUT_MS; Date.now() < deadline; ) {
      const link = /http:\/\/\S+\/claim#\S+?(?=['"]?\s)/.exec(output)?.[0]
      if (link !== undefined) return link
      if (server.exitCode !== null) break
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    throw new Error(`The server did not start:\n${output}`)
  }

  get dataFolder(): string {
    return join(this.#folder, "data")
  }

  /** Runs a command and shows it with its output; a failure ends the demo unless it is `expected`. */
  async run(words: ReadonlyArray<string>, options: { readonly mayFail?: boolean } = {}): Promise<Finished> {
    showCommand(words)
    const finished = await this.quietly(words)
    showOutput(finished.stdout)
    if (finished.exitCode !== 0) showOutput(finished.stderr)
    if (finished.exitCode !== 0 && options.mayFail !== true) {
      throw new Error(`fluxcybers ${words[0]} ended with ${finished.exitCode}`)
    }
    return finished
  }

  async quietly(words: ReadonlyArray<string>): Promise<Finished> {
    const child = this.#spawn(words, "pipe")
    let stdout = ""
    let stderr = ""
    child.stdout?.on("data", (chunk) => (stdout += chunk))
    child.stderr?.on("data", (chunk) => (stderr += chunk))
    return { exitCode: await ended(child), stdout, stderr }
  }

  /** Runs a command in the person's own terminal. */
  async interactively(words: ReadonlyArray<string>): Promise<number> {
    showCommand(words)
    return await ended(this.#spawn(words, "inherit"))
  }

  async stop(): Promise<void> {
    if (this.#server === undefined || this.#server.exitCode !== null) return
    this.#server.kill("SIGTERM")
    await ended(this.#server)
  }

  #spawn(words: ReadonlyArray<string>, stdio: "pipe" | "inherit"): ChildProcess {
    const environment = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !name.startsWith("FLUXCYBERS_"))
    )
    return spawn(process.execPath, [BIN, ...words], {
      stdio: stdio === "inherit" ? "inherit" : ["ignore", "pipe", "pipe"],
      env: {
        ...environment,
        XDG_CONFIG_HOME: join(this.#folder, "config"),
        // Ten commands load the same modules.
        NODE_COMPILE_CACHE: join(this.#folder, "compiled")
      }
    })
  }
}

const ended = (child: ChildProcess): Promise<number> =>
  new Promise((resolve, reject) => {
    child.once("error", reject)
    child.once("close", (code) => resolve(code ?? 1))
  })
