// The socket: listening on loopback, limits of the connection itself, and closing it politely.
import { createServer, type Server } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { getRequestListener } from "@hono/node-server"
import { getConnInfo } from "@hono/node-server/conninfo"
import { Duration, Effect, Schema } from "effect"
import type { Context } from "hono"
import type { Problem } from "../api/problem.ts"
import { problem } from "./problem.ts"
import { PROBLEM_CONTENT_TYPE, problemResponse, problemText } from "./problem-response.ts"

const REQUEST_TIME_MAX_MS = 30_000
const HEADERS_TIME_MAX_MS = 10_000
const HEADER_BYTES_MAX = 16 * 1024
const CONNECTIONS_MAX = 1_000
const CLOSE_TIME_MAX = Duration.seconds(10)
const IDLE_LOOK_MS = 50

/** The address cannot be listened on. Nothing was started. */
export class ListenError extends Schema.TaggedError<ListenError>()("ListenError", {
  host: Schema.String,
  port: Schema.Int,
  code: Schema.String
}) {
  override get message() {
    const place = `${this.host}:${this.port}`
    switch (this.code) {
      case "EADDRINUSE":
        return `Another program listens on ${place}. Stop it, or choose another port with --port or FLUXCYBERS_PORT. Nothing was started.`
      case "EACCES":
        return `This account may not listen on ${place}. Choose a port above 1023 with --port or FLUXCYBERS_PORT. Nothing was started.`
      default:
        return `Listening on ${place} failed (${this.code}). Choose another port with --port, or another loopback address with FLUXCYBERS_HOST. Nothing was started.`
    }
  }
}

export interface ListenOptions {
  readonly fetch: Parameters<typeof getRequestListener>[0]
  readonly host: string
  readonly port: number
}

/** The address that a request came from. */
export const addressOf = (c: Context): string => getConnInfo(c).remote.address ?? "unknown"

/** Listens until the scope closes; then takes no new connection and gives open requests 10 seconds to end. */
export const listen = Effect.fn("listen")(function* ({ fetch, host, port }: ListenOptions) {
  const limits = {
    requestTimeout: REQUEST_TIME_MAX_MS,
    headersTimeout: HEADERS_TIME_MAX_MS,
    maxHeaderSize: HEADER_BYTES_MAX
  }
  const errorHandler = () => problemResponse(NOT_HTTP)
  const server = createServer(limits, getRequestListener(fetch, { errorHandler, overrideGlobalObjects: false }))
  server.maxConnections = CONNECTIONS_MAX
  server.on("clientError", refuseConnection)
  yield* Effect.acquireRelease(open(server, host, port), () => close(server))
  const address = server.address() as AddressInfo
  return `http://${address.family === "IPv6" ? `[${address.address}]` : address.address}:${address.port}`
})

const open = (server: Server, host: string, port: number) =>
  Effect.callback<void, ListenError>((resume) => {
    const failed = (error: NodeJS.ErrnoException) =>
      resume(Effect.fail(new ListenError({ host, port, code: error.code ?? "unknown error" })))
    server.once("error", failed)
    server.listen({ host, port }, () => {
      server.off("error", failed)
      resume(Effect.void)
    })
  })

/** A kept-alive connection counts as open until its client leaves: idle ones are closed as soon as they are idle. */
const close = (server: Server) =>
  Effect.callback<void>((resume) => {
    const idle = setInterval(() => server.closeIdleConnections(), IDLE_LOOK_MS)
    server.close(() => {
      clearInterval(idle)
      resume(Effect.void)
    })
    server.closeIdleConnections()
  }).pipe(
    Effect.timeoutOrElse({ duration: CLOSE_TIME_MAX, orElse: () => Effect.sync(() => server.closeAllConnections()) })
  )

/** What is not even HTTP, or too slow, or has too many headers, is told so in the words of every other failure. */
const refuseConnection = (error: NodeJS.ErrnoException, socket: Socket): void => {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy()
    return
  }
  const refusal = CONNECTION_PROBLEMS[error.code ?? ""] ?? NOT_HTTP
  const { status, title } = refusal
  const body = problemText(refusal)
  const headers = `Connection: close\r\nContent-Type: ${PROBLEM_CONTENT_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}`
  socket.end(`HTTP/1.1 ${status} ${title}\r\n${headers}\r\n\r\n${body}`)
}

const NOT_HTTP = problem(
  400,
  "not-http",
  "What was sent is not an HTTP request that this server understands. Nothing was changed."
)
const CONNECTION_PROBLEMS: Readonly<Record<string, Problem>> = {
  HPE_HEADER_OVERFLOW: problem(431, "headers-too-large", `The headers are larger than ${HEADER_BYTES_MAX} bytes.`),
  ERR_HTTP_REQUEST_TIMEOUT: problem(408, "request-timeout", "The request did not arrive in time. Nothing was changed.")
}
