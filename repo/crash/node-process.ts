// A node of a campaign from outside: a process that can be killed, frozen, and cut off.
import { type ChildProcess, spawn } from "node:child_process"
import { join } from "node:path"
import type { Wiring } from "./links.ts"
import type { NodeSettings } from "./node-main.ts"

/** A loaded machine takes its time. */
const START_MS_MAX = 300_000
const START_ATTEMPTS = 10
const LOG_CHARACTERS_MAX = 20_000
const MAIN = join(import.meta.dirname, "node-main.ts")

export class NodeProcess {
  readonly #settings: NodeSettings
  readonly wiring: Wiring | undefined
  #child: ChildProcess | undefined
  #log = ""

  constructor(settings: NodeSettings, wiring: Wiring | undefined) {
    this.#settings = settings
    this.wiring = wiring
  }

  get name(): string {
    return this.#settings.node
  }

  /** The last words of the process, for whoever looks for a reason. */
  get log(): string {
    return this.#log
  }

  /** Starts it and waits until its dispatcher works. One that finds the database locked by a frozen node ends at once, and is started again. */
  async start(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#startOnce()
      } catch (error) {
        await this.kill()
        if (attempt === START_ATTEMPTS) throw error
      }
    }
  }

  async #startOnce(): Promise<void> {
    const [program, ...rest] = [...(this.wiring?.enter ?? []), process.execPath]
    const child = spawn(program!, [...rest, "--conditions=@fluxcybers/source", MAIN], {
      stdio: ["pipe", "pipe", "pipe"]
    })
    this.#child = child
    child.stdin.end(JSON.stringify(this.#settings))
    const keep = (chunk: Buffer) => {
      this.#log = (this.#log + chunk.toString()).slice(-LOG_CHARACTERS_MAX)
    }
    child.stderr.on("data", keep)
    await new Promise<void>((resolve, reject) => {
      const fail = () => reject(new Error(`node ${this.name} did not start:\n${this.#log}`))
      const timer = setTimeout(fail, START_MS_MAX)
      child.once("exit", fail)
      child.stdout.on("data", (chunk: Buffer) => {
        keep(chunk)
        if (!chunk.toString().startsWith("ready")) return
        clearTimeout(timer)
        child.off("exit", fail)
        resolve()
      })
    })
  }

  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child.once("exit", resolve))
    child.kill("SIGKILL")
    await gone
  }

  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#child?.kill(signal)
  }

  hasDied(): boolean {
    return this.#child === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null
  }
}
