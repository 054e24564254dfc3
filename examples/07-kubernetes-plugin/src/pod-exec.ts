// The official client's exec, with what it leaves to its caller: a slow reader slows the pod down, and the end comes after the last byte.
import { Writable } from "node:stream"
import type { V1Status } from "@kubernetes/client-node"
import type { Cluster } from "./cluster.ts"

/** A container of a pod. */
export interface Pod {
  readonly namespace: string
  readonly pod: string
  readonly container: string
}

type Sink = (bytes: Buffer) => Promise<void>

interface Streams {
  readonly argv: ReadonlyArray<string>
  readonly stdout: Sink
  readonly stderr: Sink
}

/** A command that was started. */
export interface Running {
  /** Its end, once everything that it wrote was taken. Rejects when the connection broke before. */
  readonly status: Promise<V1Status>
  readonly close: () => void
}

/** What may wait for a slow reader before the connection is paused. */
const WAITING_BYTES_MAX = 1024 * 1024

export const execInPod = async (
  { client, config }: Cluster,
  { namespace, pod, container }: Pod,
  { argv, ...sinks }: Streams
): Promise<Running> => {
  const { promise: status, resolve, reject } = Promise.withResolvers<V1Status>()
  status.catch(() => {})
  const stdout = writable(sinks.stdout)
  const stderr = writable(sinks.stderr)
  const streams = [stdout, stderr]
  const whole = Promise.all(streams.map((stream) => new Promise((done) => stream.once("finish", done))))
  const told = (end: V1Status) => void whole.then(() => resolve(end))
  const exec = new client.Exec(config)
  const socket = await exec.exec(namespace, pod, container, [...argv], stdout, stderr, null, false, told)
  socket.on("message", () => {
    if (streams.some((stream) => stream.writableNeedDrain)) socket.pause()
  })
  for (const stream of streams) stream.on("drain", () => socket.resume())
  socket.on("close", () => {
    // With a status both have been ended by the client.
    if (streams.some((stream) => !stream.writableEnded)) reject(new Error("The connection to the pod broke."))
  })
  return { status, close: () => socket.close() }
}

const writable = (sink: Sink): Writable =>
  new Writable({
    highWaterMark: WAITING_BYTES_MAX,
    write: (bytes: Buffer, _encoding, done) => {
      sink(bytes).then(() => done(), done)
    }
  })
