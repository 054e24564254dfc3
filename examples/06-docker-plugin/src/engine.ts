// The part of Docker's Engine API that is used here (https://docs.docker.com/reference/api/engine/), over its Unix socket.
import { type IncomingMessage, request } from "node:http"

/** In every engine since Docker 24. */
const VERSION = "/v1.43"
const ANSWER_BYTES_MAX = 1024 * 1024

/** The engine refused; nothing was started. `status` is HTTP's: 404 for a container that there is not, 409 for one that does not run. */
export class EngineRefused extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

interface Call {
  readonly method: "GET" | "POST"
  readonly path: string
  readonly body?: unknown
}

/** What is asked of an engine. */
export interface Engine {
  /** Its answer's body, not yet read; throws `EngineRefused`. */
  open(call: Call): Promise<IncomingMessage>
  /** The same, read and decoded; `undefined` when it is empty. */
  answer(call: Call): Promise<unknown>
}

export const engineAt = (socketPath: string): Engine => {
  const open = async (call: Call): Promise<IncomingMessage> => {
    const response = await sent(socketPath, call)
    if ((response.statusCode ?? 0) < 400) return response
    throw new EngineRefused(response.statusCode ?? 0, messageIn(await read(response)))
  }
  return {
    open,
    answer: async (call) => {
      const text = await read(await open(call))
      return text === "" ? undefined : JSON.parse(text)
    }
  }
}

const sent = (socketPath: string, { method, path, body }: Call): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const text = body === undefined ? "" : JSON.stringify(body)
    const headers = { host: "docker", "content-type": "application/json", "content-length": Buffer.byteLength(text) }
    request({ socketPath, method, path: `${VERSION}${path}`, headers, agent: false }, resolve)
      .once("error", reject)
      .end(text)
  })

const read = async (response: IncomingMessage): Promise<string> => {
  const pieces: Array<Buffer> = []
  let bytes = 0
  for await (const piece of response as AsyncIterable<Buffer>) {
    bytes += piece.length
    if (bytes > ANSWER_BYTES_MAX) throw new Error(`The engine's answer has more than ${ANSWER_BYTES_MAX} bytes.`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString()
}

const messageIn = (text: string): string => {
  try {
    const { message }: { readonly message?: unknown } = JSON.parse(text)
    return typeof message === "string" ? message : text
  } catch {
    return text
  }
}

/** A piece of output, as the engine frames it: one byte for the stream, three of padding, four for the length. */
export interface Frame {
  readonly stream: "stdout" | "stderr"
  readonly bytes: Buffer
}

const HEADER_BYTES = 8
const STDERR = 2

/** Frames of an attached stream. A frame that is cut off by the end of the stream is dropped. */
export async function* framesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<Frame, void> {
  let rest = Buffer.alloc(0)
  for await (const piece of stream) {
    rest = Buffer.concat([rest, piece])
    while (rest.length >= HEADER_BYTES) {
      const end = HEADER_BYTES + rest.readUInt32BE(4)
      if (rest.length < end) break
      yield { stream: rest[0] === STDERR ? "stderr" : "stdout", bytes: rest.subarray(HEADER_BYTES, end) }
      rest = rest.subarray(end)
    }
  }
}
