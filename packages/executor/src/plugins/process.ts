// The process of a plugin: started with its limits, spoken to in lines, and dead when its scope closes.
import { type ChildProcess, spawn } from "node:child_process"
import type { Duplex } from "node:stream"
import { Effect, Schema, type Scope } from "effect"
import { linesOf } from "./lines.ts"
import { type HostMessage, type PluginMessage, readPluginLine, writeHostLine } from "./messages.ts"
import { hasNamespaces, UNSHARE } from "./namespaces.ts"
import { nodeOptions, type PluginPlace, PROCESS_MODULE } from "./permissions.ts"

export interface ProcessSettings {
  readonly place: PluginPlace
  /** What its heap and its buffers may hold, in MiB. */
  readonly memoryMb: number
  readonly files: ReadonlyArray<string>
  /** Socket of whoever connects for it; without one it connects nowhere. */
  readonly broker: string | undefined
}

/** The process is gone, or says what is no message. Whatever it was doing, nobody knows how far it came. */
export class PluginProcessEnded extends Schema.TaggedError<PluginProcessEnded>()("PluginProcessEnded", {
  detail: Schema.String
}) {
  override get message() {
    return `The plugin's process ${this.detail}`
  }
}

/** One process. One reader at a time. */
export interface PluginProcess {
  send(message: HostMessage): void
  readonly next: Effect.Effect<PluginMessage, PluginProcessEnded>
}

/** What Node.js itself writes to before any plugin runs: mostly the memory that its compiler reserves. Measured with Node.js 24. */
const DATA_MB_BEFORE = 640
const KIB = 1024
/** Half a share of a processor while others want it: a busy loop leaves the host its own. */
const NICENESS = 3

/** Starts it. When the scope closes, it is killed, whatever it does. */
export const startPluginProcess = (settings: ProcessSettings): Effect.Effect<PluginProcess, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.promise(() => launch(settings)),
      (child) =>
        Effect.sync(() => {
          child.kill("SIGKILL")
          channelOf(child).destroy()
        })
    ),
    (child) => ({ send: sender(channelOf(child)), next: receiver(child, settings.memoryMb) })
  )

/**
 * The shell sets what the kernel holds it to: no core file, and so much writable memory; heap and buffers alike, whatever it does. V8's own
 * limit is lower, so that most of what is too large ends as an error with a name.
 */
const LIMITED = 'ulimit -c 0; ulimit -d "$1" 2>/dev/null; shift; exec nice -n "$0" "$@"'

const launch = async ({ place, memoryMb, files, broker }: ProcessSettings): Promise<ChildProcess> => {
  const around = (await hasNamespaces()) ? UNSHARE : []
  const node = [process.execPath, `--max-old-space-size=${memoryMb}`, ...nodeOptions(place, files)]
  const program = [PROCESS_MODULE, JSON.stringify({ module: place.module, broker })]
  const dataKib = String((DATA_MB_BEFORE + memoryMb) * KIB)
  const words = ["-c", LIMITED, String(NICENESS), dataKib, ...around, ...node, ...program]
  // An empty environment: what the host's holds (a database URL, say) is not for plugins.
  const child = spawn("/bin/sh", words, { env: environment(), stdio: ["ignore", "ignore", "ignore", "pipe"] })
  child.on("error", () => {})
  channelOf(child).on("error", () => {})
  return child
}

const environment = (): NodeJS.ProcessEnv => ({ PATH: process.env["PATH"] ?? "/usr/bin:/bin" })

const channelOf = (child: ChildProcess): Duplex => child.stdio[3] as Duplex

const sender = (channel: Duplex) => (message: HostMessage) => {
  if (channel.writable) channel.write(`${writeHostLine(message)}\n`)
}

const receiver = (child: ChildProcess, memoryMb: number): PluginProcess["next"] => {
  const lines = linesOf(channelOf(child))
  const exit = new Promise<string>((resolve) => {
    child.once("error", (cause) => resolve(`did not start: ${cause.message}.`))
    child.once("exit", (code, signal) => resolve(endOf(code, signal, memoryMb)))
  })
  // A line that nobody waits for any more is the next one's: an interrupted reader loses none.
  let pending: Promise<IteratorResult<string, void>> | undefined
  const line = Effect.callback<IteratorResult<string, void>, PluginProcessEnded>((resume) => {
    let isWaiting = true
    const take = (next: Parameters<typeof resume>[0]) => {
      if (!isWaiting) return
      pending = undefined
      resume(next)
    }
    pending ??= lines.next()
    pending.then(
      (result) => take(Effect.succeed(result)),
      () => take(Effect.fail(new PluginProcessEnded({ detail: "sent more than one message can hold." })))
    )
    return Effect.sync(() => {
      isWaiting = false
    })
  })
  return Effect.flatMap(line, (result) =>
    result.done
      ? Effect.flatMap(
          Effect.promise(() => exit),
          (detail) => new PluginProcessEnded({ detail })
        )
      : Effect.try({
          try: () => readPluginLine(result.value),
          catch: () => new PluginProcessEnded({ detail: "sent what is no message of a plugin." })
        })
  )
}

/** How V8 and the kernel end a process that wants more memory than it may have. */
const OUT_OF_MEMORY = new Set<number | string>([133, 134, 137, 139, "SIGABRT", "SIGTRAP", "SIGILL", "SIGSEGV"])

const endOf = (code: number | null, signal: string | null, memoryMb: number): string => {
  const end = signal ?? code ?? 0
  const memory = OUT_OF_MEMORY.has(end) ? `; it may have wanted more than its ${memoryMb} MiB of memory` : ""
  return signal === null ? `ended with status ${code}${memory}.` : `was ended by ${signal}${memory}.`
}
