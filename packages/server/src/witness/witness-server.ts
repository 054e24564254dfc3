// A small witness over HTTP (https://c2sp.org/tlog-witness): cosigns what only grew, refuses forks and roll-backs.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import {
  type Cosigner,
  judgeWitnessRequest,
  type NoteVerifier,
  parseWitnessRequest,
  signatureLine
} from "@fluxcybers/core"
import { Clock, Effect } from "effect"
import { logId, type WitnessState } from "./witness-state.ts"

const BODY_BYTES_MAX = 65_536
const REQUEST_TIME_MAX_MS = 10_000
const CONNECTIONS_MAX = 200
const CHECKPOINT_PATH = /^\/([0-9a-f]{64})\/checkpoint$/

interface Answer {
  readonly status: number
  readonly body: string
  readonly type?: string
}

export interface WitnessOptions {
  readonly cosigner: Cosigner
  /** The logs that are witnessed, by origin. */
  readonly logs: ReadonlyMap<string, NoteVerifier>
  readonly state: WitnessState
  readonly host: string
  readonly port: number
}

/** Listens until the scope closes; its address. */
export const serveWitness = Effect.fn("serveWitness")(function* (options: WitnessOptions) {
  const clock = yield* Clock.Clock
  const nowS = () => Math.floor(clock.currentTimeMillisUnsafe() / 1_000)
  const run = Effect.runForkWith(yield* Effect.context<never>())
  const failed = (error: unknown) => void run(Effect.logError("The witness failed; nothing was cosigned.", error))
  const answer = makeWitness(options, nowS)
  const server = createServer({ requestTimeout: REQUEST_TIME_MAX_MS }, (request, response) => {
    answer(request).then(
      (found) => send(response, found),
      (error: unknown) => {
        failed(error)
        send(response, { status: 500, body: "The witness failed. Nothing was cosigned.\n" })
      }
    )
  })
  server.maxConnections = CONNECTIONS_MAX
  yield* Effect.acquireRelease(
    Effect.callback<void, Error>((resume) => {
      server.once("error", (error) => resume(Effect.fail(error)))
      server.listen(options.port, options.host, () => resume(Effect.void))
    }),
    () =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  )
  const { address, port } = server.address() as AddressInfo
  return `http://${address.includes(":") ? `[${address}]` : address}:${port}`
})

/** One request after the other: what is checked against the state must still be the state when it is replaced. */
const makeWitness = (options: WitnessOptions, nowS: () => number) => {
  let last: Promise<unknown> = Promise.resolve()
  return async (request: IncomingMessage): Promise<Answer> => {
    const path = new URL(request.url ?? "/", "http://witness").pathname
    const id = CHECKPOINT_PATH.exec(path)?.[1]
    if (request.method === "GET" && id !== undefined) return newestOf(options, id)
    if (path !== "/add-checkpoint") return { status: 404, body: "There is nothing at this address.\n" }
    if (request.method !== "POST") return { status: 405, body: "Checkpoints are sent with POST.\n" }
    const body = await readBody(request)
    if (body === undefined) return { status: 413, body: "The request is too long.\n" }
    const answer = last.then(() => addCheckpoint(options, body, nowS()))
    last = answer.catch(() => {})
    return await answer
  }
}

const newestOf = ({ logs, state }: WitnessOptions, id: string): Answer => {
  const note = [...logs.keys()].some((origin) => logId(origin) === id) ? state.note(id) : undefined
  return note === undefined ? { status: 404, body: "Nothing was cosigned of this log.\n" } : { status: 200, body: note }
}

const addCheckpoint = async (
  { cosigner, logs, state }: WitnessOptions,
  body: string,
  timeS: number
): Promise<Answer> => {
  const request = parseWitnessRequest(body)
  if (request === undefined) return { status: 400, body: "This is not a request to add a checkpoint.\n" }
  const known = { logOf: (origin: string) => logs.get(origin), seen: (origin: string) => state.seen(origin) }
  const verdict = judgeWitnessRequest(request, known)
  if (verdict.status === 409 && verdict.size !== undefined) {
    return { status: 409, body: `${verdict.size}\n`, type: "text/x.tlog.size" }
  }
  if (verdict.status !== 200) return { status: verdict.status, body: `${verdict.detail}\n` }
  const line = signatureLine(cosigner.cosign(verdict.text, timeS))
  await state.keep(verdict.checkpoint.origin, request.checkpoint + line)
  return { status: 200, body: line }
}

const readBody = async (request: IncomingMessage): Promise<string | undefined> => {
  const chunks: Array<Buffer> = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > BODY_BYTES_MAX) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString("utf8")
}

const send = (response: ServerResponse, { status, body, type = "text/plain; charset=utf-8" }: Answer): void => {
  response.writeHead(status, { "content-type": type, "cache-control": "no-store", "x-content-type-options": "nosniff" })
  response.end(body)
}
