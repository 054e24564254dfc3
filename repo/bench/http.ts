// A request to the server against the same request to a bare Hono route: both in this process, on loopback, over kept connections, driven
// by a worker that speaks just enough HTTP to count answers.
import { createServer } from "node:http"
import { connect } from "node:net"
import { fileURLToPath } from "node:url"
import { isMainThread, Worker, workerData } from "node:worker_threads"
import { getRequestListener } from "@hono/node-server"
import { Effect, Logger, type Scope } from "effect"
import { Hono } from "hono"
import type { Measured } from "./main.ts"
import { ownedServer } from "./measuring/owned-server.ts"

const CONNECTIONS = 16
const REQUESTS_PER_CONNECTION = 100
const ROUNDS = 3

interface Load {
  readonly url: string
  readonly headers?: string
}

/** Requests answered in the processor time of one request to a bare Hono route. */
export const benchHttp = (): Promise<ReadonlyArray<Measured>> =>
  Effect.runPromise(Effect.scoped(compare).pipe(Effect.provide(Logger.layer([]))))

const compare = Effect.gen(function* () {
  const bare: Load = { url: `${yield* bareHono}/api/v1/health` }
  const { url, token } = yield* ownedServer
  const health: Load = { url: `${url}/api/v1/health` }
  const targets: Load = { url: `${url}/api/v1/targets`, headers: `Authorization: Bearer ${token}\r\n` }
  // Once to warm up, then in turn, so that a slow moment of the machine meets all of them.
  for (const load of [bare, health, targets]) yield* serverTimeUs(load)
  const rounds: Array<readonly [number, number, number]> = []
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push([yield* serverTimeUs(bare), yield* serverTimeUs(health), yield* serverTimeUs(targets)])
  }
  const middle = (part: (round: (typeof rounds)[number]) => number) =>
    rounds.map(part).sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]!
  return [
    { name: "http: GET health, to bare Hono", ratio: middle(([raw, ours]) => raw / ours) },
    { name: "http: GET targets with a token, to bare Hono", ratio: middle(([raw, , ours]) => raw / ours) }
  ]
})

const bareHono: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.callback<ReturnType<typeof createServer>>((resume) => {
    const app = new Hono().get("/api/v1/health", (c) => c.json({ status: "ok" }))
    const server = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }))
    server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
  }),
  (server) => Effect.sync(() => server.close())
).pipe(Effect.map((server) => `http://127.0.0.1:${(server.address() as { port: number }).port}`))

/** Processor time of this thread, which does nothing but answer: how busy the machine is otherwise does not matter. */
const serverTimeUs = Effect.fnUntraced(function* (load: Load) {
  const before = process.threadCpuUsage()
  yield* driven(load)
  const { user, system } = process.threadCpuUsage(before)
  return user + system
})

const driven = (load: Load) =>
  Effect.callback<void>((resume) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: load, execArgv: process.execArgv })
    worker.once("exit", () => resume(Effect.void))
    worker.once("error", (error) => resume(Effect.die(error)))
  })

/** One kept connection: sends a request, counts its answer, and so on. */
const drive = ({ url, headers = "" }: Load): Promise<void> => {
  const { port, pathname, host } = new URL(url)
  const request = `GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\n${headers}\r\n`
  return new Promise((resolve, reject) => {
    let left = REQUESTS_PER_CONNECTION
    let text = ""
    const socket = connect(Number(port), "127.0.0.1", () => socket.write(request))
    socket.setNoDelay(true)
    socket.once("error", reject)
    socket.on("data", (chunk) => {
      text += chunk
      const size = answerSize(text)
      if (size === undefined) return
      if (!text.startsWith("HTTP/1.1 200")) reject(new Error(text.slice(0, 200)))
      text = text.slice(size)
      left--
      if (left > 0) socket.write(request)
      else socket.end(() => resolve())
    })
  })
}

/** Of the first answer in the text; `undefined` while it is not complete. */
const answerSize = (text: string): number | undefined => {
  const bodyAt = text.indexOf("\r\n\r\n") + 4
  const length = /content-length: (\d+)/i.exec(text)?.[1]
  if (bodyAt < 4 || length === undefined) return undefined
  const size = bodyAt + Number(length)
  return text.length >= size ? size : undefined
}

if (!isMainThread && workerData !== null) {
  await Promise.all(Array.from({ length: CONNECTIONS }, () => drive(workerData as Load)))
}
