// A command in a running container: started, followed to its end, and ended there when the run must stop.
import { type AsyncRunContext, type AsyncRunResult, StopUnconfirmed } from "@fluxcybers/executor/sdk"
import { type Engine, type Frame, framesOf } from "./engine.ts"

/** What to run where. */
export interface Exec extends Pick<AsyncRunContext, "output" | "signal"> {
  readonly container: string
  readonly argv: ReadonlyArray<string>
}

/** The engine cannot end what it started with exec; so the command says its process id first, and leads a group of its own. */
const WRAPPER = 'echo "$$" >&2; exec "$@"'
const KILL = 'kill -s KILL -- "-$1" 2>/dev/null || kill -s KILL "$1"'
const NEWLINE = 0x0a

/** Throws `EngineRefused` when nothing was started, `StopUnconfirmed` when it may still run. */
export const runIn = async (engine: Engine, { container, argv, output, signal }: Exec): Promise<AsyncRunResult> => {
  const id = await created(engine, container, ["/bin/sh", "-c", WRAPPER, "sh", ...argv])
  if (signal.aborted) return {}
  // Once it must stop the recording takes nothing any more, but the stream is read on: its end is the end of the command.
  const write = (stream: Frame["stream"], bytes: Buffer): Promise<void> =>
    signal.aborted || bytes.length === 0 ? Promise.resolve() : output(stream, bytes).catch(() => {})
  const beginning = firstLine((bytes) => write("stderr", bytes))
  const stream = await engine.open(start(id))
  const stop = () => {
    const killed = beginning.line.then((process) => ended(engine, container, process))
    // It may still run, and its stream would not end: the wait does.
    killed.catch(() => stream.destroy())
  }
  signal.addEventListener("abort", stop, { once: true })
  if (signal.aborted) stop()
  try {
    for await (const frame of framesOf(stream)) {
      await (frame.stream === "stderr" ? beginning.take(frame.bytes) : write("stdout", frame.bytes))
    }
    return await exitOf(engine, { id, container, isStopped: signal.aborted })
  } catch (cause) {
    throw signal.aborted ? new StopUnconfirmed({ target: container }) : cause
  } finally {
    signal.removeEventListener("abort", stop)
    beginning.end()
    stream.destroy()
  }
}

const start = (id: string) =>
  ({ method: "POST", path: `/exec/${id}/start`, body: { Detach: false, Tty: false } }) as const

const created = async (engine: Engine, container: string, argv: ReadonlyArray<string>): Promise<string> => {
  const body = { AttachStdout: true, AttachStderr: true, Cmd: argv }
  const path = `/containers/${encodeURIComponent(container)}/exec`
  const { Id } = (await engine.answer({ method: "POST", path, body })) as { readonly Id: string }
  return Id
}

/** Takes a stream apart: its first line, in however many pieces it comes, and everything behind it. */
const firstLine = (rest: (bytes: Buffer) => Promise<void>) => {
  const { promise: line, resolve, reject } = Promise.withResolvers<string>()
  line.catch(() => {})
  let said = Buffer.alloc(0)
  let isOver = false
  const take = async (bytes: Buffer): Promise<void> => {
    if (isOver) return rest(bytes)
    said = Buffer.concat([said, bytes])
    const at = said.indexOf(NEWLINE)
    if (at < 0) return
    isOver = true
    resolve(said.subarray(0, at).toString())
    await rest(said.subarray(at + 1))
  }
  return { line, take, end: () => reject(new Error("It never said its process id.")) }
}

const ended = async (engine: Engine, container: string, process: string): Promise<void> => {
  if (!/^\d+$/.test(process)) throw new Error("It said no process id.")
  const id = await created(engine, container, ["/bin/sh", "-c", KILL, "sh", process])
  for await (const _ of framesOf(await engine.open(start(id))));
}

const exitOf = async (
  engine: Engine,
  { id, container, isStopped }: { readonly id: string; readonly container: string; readonly isStopped: boolean }
): Promise<AsyncRunResult> => {
  const found = await engine.answer({ method: "GET", path: `/exec/${id}/json` })
  const { Running, ExitCode } = found as { readonly Running: boolean; readonly ExitCode: number | null }
  if (isStopped && Running) throw new StopUnconfirmed({ target: container })
  if (Running || ExitCode === null) throw new Error("The engine closed the stream while the command was running.")
  return { exitCode: ExitCode }
}
