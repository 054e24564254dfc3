// A web server that takes what is sent to it, for tests of what leaves.
import { createServer, type IncomingHttpHeaders, type RequestListener } from "node:http"
import { createServer as createTlsServer } from "node:https"
import type { AddressInfo } from "node:net"
import { Effect, type Scope } from "effect"
import { CERTIFICATE, CERTIFICATE_KEY } from "./test-certificate.ts"

export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Receiver {
  readonly port: number
  readonly received: Array<Received>
  /** What it answers next; 200 unless told. */
  answer: RequestListener
}

/** Listens on an address of this machine until the scope closes. */
export const runReceiver = (
  options: { readonly tls?: boolean; readonly host?: string } = {}
): Effect.Effect<Receiver, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<{ readonly receiver: Receiver; close(): void }>((resume) => {
      const received: Array<Received> = []
      const receiver: Receiver = { port: 0, received, answer: (_, response) => void response.end() }
      const listener: RequestListener = (request, response) => {
        const chunks: Array<Uint8Array> = []
        request.on("data", (chunk: Uint8Array) => chunks.push(chunk))
        request.on("end", () => {
          const body = Buffer.concat(chunks).toString()
          received.push({ path: request.url ?? "", headers: request.headers, body })
          receiver.answer(request, response)
        })
      }
      const server =
        options.tls === true
          ? createTlsServer({ cert: CERTIFICATE, key: CERTIFICATE_KEY }, listener)
          : createServer(listener)
      server.listen(0, options.host ?? "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo
        const close = () => {
          server.close()
          server.closeAllConnections()
        }
        resume(Effect.succeed({ receiver: Object.assign(receiver, { port }), close }))
      })
    }),
    ({ close }) => Effect.sync(close)
  ).pipe(Effect.map(({ receiver }) => receiver))
