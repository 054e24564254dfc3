// A command in a pod: followed to its end, and ended there when the run must stop.
import { type AsyncRunContext, type AsyncRunResult, StopUnconfirmed } from "@fluxcybers/executor/sdk"
import type { V1Status } from "@kubernetes/client-node"
import type { Cluster } from "./cluster.ts"
import { execInPod, type Pod } from "./pod-exec.ts"

/** What to run where. */
export interface PodCommand extends Pod, Pick<AsyncRunContext, "output" | "signal"> {
  readonly argv: ReadonlyArray<string>
}

/** Closing the connection does not end the command; so it says its process id first, and another one can end its group. */
const WRAPPER = 'echo "$$" >&2; exec "$@"'
const KILL = 'kill -s KILL -- "-$1" 2>/dev/null || kill -s KILL "$1"'
const NEWLINE = 0x0a

/** Rejects when the connection broke: nobody knows how it ended. */
export const runInPod = async (
  cluster: Cluster,
  { argv, output, signal, ...pod }: PodCommand
): Promise<AsyncRunResult> => {
  // Once it must stop the recording takes nothing any more, but the streams are read on: their end is the end of the command.
  const write = (stream: "stdout" | "stderr", bytes: Buffer): Promise<void> =>
    signal.aborted || bytes.length === 0 ? Promise.resolve() : output(stream, bytes).catch(() => {})
  const beginning = firstLine((bytes) => write("stderr", bytes))
  const running = await execInPod(cluster, pod, {
    argv: ["/bin/sh", "-c", WRAPPER, "sh", ...argv],
    stdout: (bytes) => write("stdout", bytes),
    stderr: beginning.take
  })
  const stop = () => {
    const killed = beginning.line.then((process) => ended(cluster, pod, process))
    // It may still run, and its connection would not end: the wait does.
    killed.catch(() => running.close())
  }
  signal.addEventListener("abort", stop, { once: true })
  if (signal.aborted) stop()
  try {
    return { exitCode: exitCodeOf(await running.status) }
  } catch (cause) {
    throw signal.aborted ? new StopUnconfirmed({ target: pod.pod }) : cause
  } finally {
    signal.removeEventListener("abort", stop)
    beginning.end()
    running.close()
  }
}

/** Takes a stream apart: its first line, and everything behind it. */
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

const ended = async (cluster: Cluster, pod: Pod, process: string): Promise<void> => {
  if (!/^\d+$/.test(process)) throw new Error("It said no process id.")
  const nowhere = () => Promise.resolve()
  const kill = { argv: ["/bin/sh", "-c", KILL, "sh", process], stdout: nowhere, stderr: nowhere }
  await (await execInPod(cluster, pod, kill)).status
}

/** As the API server says it: success, or a failure with the exit code as one of its causes. */
const exitCodeOf = ({ status, details, message }: V1Status): number => {
  if (status === "Success") return 0
  const code = details?.causes?.find(({ reason }) => reason === "ExitCode")?.message
  if (code === undefined) throw new Error(`The cluster ended it without a status: ${message ?? "no reason"}.`)
  return Number(code)
}
