// The real server as a child process that can be killed at any moment and started again on the same data.
import { type ChildProcess, spawn } from "node:child_process"
import { createServer } from "node:net"
import { join } from "node:path"

/** A loaded machine takes its time; a server that is not there after this is broken. */
const START_TIMEOUT_MS = 120_000
const ANSWER_TIMEOUT_MS = 2_000
const LOG_CHARACTERS_MAX = 100_000

export interface ServerSetup {
  readonly folder: string
  readonly postgresUrl?: string
}

export class ServerProcess {
  readonly #setup: ServerSetup
  readonly port: number
  #child: ChildProcess | undefined
  #output = ""

  private constructor(setup: ServerSetup, port: number) {
    this.#setup = setup
    this.port = port
  }

  static readonly create = async (setup: ServerSetup) => new ServerProcess(setup, await freePort())

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Starts it and waits until it answers. */
  async start(): Promise<void> {
    const main = join(import.meta.dirname, "../../packages/server/src/cli/main.ts")
    const child = spawn(
      process.execPath,
      [
        "--conditions=@fluxcybers/source",
        main,
        "serve",
        "--data-dir",
        join(this.#setup.folder, "data"),
        "--port",
        `${this.port}`
      ],
      { env: this.#environment(), stdio: ["ignore", "pipe", "pipe"] }
    )
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        this.#output = (this.#output + chunk).slice(-LOG_CHARACTERS_MAX)
      })
    }
    await this.#ready(child)
  }

  /** SIGKILL: no handler runs, nothing is flushed. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL")
  }

  async stop(): Promise<void> {
    await this.#end("SIGTERM")
  }

  get ownerCode(): string | undefined {
    return /\/claim#(\S+)/.exec(this.#output)?.[1]
  }

  get output(): string {
    return this.#output
  }

  #environment(): NodeJS.ProcessEnv {
    const { PATH, HOME, LANG } = process.env
    const url = this.#setup.postgresUrl
    return {
      PATH,
      HOME,
      LANG,
      FLUXCYBERS_LOCAL_EXECUTOR: "on",
      ...(url !== undefined && { FLUXCYBERS_DATABASE_URL: url })
    }
  }

  async #ready(child: ChildProcess): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS
    while (Date.now() < deadline && child.exitCode === null) {
      const answer = await fetch(`${this.url}/api/v1/health`, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) }).catch(
        () => undefined
      )
      if (answer?.ok === true) return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    throw new Error(`The server did not start (exit status ${child.exitCode}, ${child.signalCode}):\n${this.#output}`)
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once("exit", resolve))
    child.kill(signal)
    await ended
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject)
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })
