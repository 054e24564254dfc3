// A small API server of Kubernetes: exec over WebSockets (v5.channel.k8s.io), and one deployment whose pods are replaced one by one. Its pod is this
// machine: exec starts real processes here, each the leader of a session, as container runtimes do.
import { spawn } from "node:child_process"
import type { IncomingMessage } from "node:http"
import { createServer } from "node:https"
import type { AddressInfo } from "node:net"
import { type WebSocket, WebSocketServer } from "ws"
import { CERTIFICATE, CERTIFICATE_KEY } from "./certificate.ts"

/** It takes this token only. */
export const TOKEN = "canary-kubernetes-93ab"

/** One pod `web-0` with a container `web`, and a deployment `web` with two replicas, in `default`. */
export interface ApiServer {
  /** `127.0.0.1:…` */
  readonly place: string
  /** When it was restarted, as its template says. */
  readonly restartedAt: () => ReadonlyArray<string>
  readonly stop: () => Promise<void>
}

const PROTOCOL = "v5.channel.k8s.io"
const EXEC = "/api/v1/namespaces/default/pods/web-0/exec"
const DEPLOYMENT = "/apis/apps/v1/namespaces/default/deployments/web"
const REPLICAS = 2
const STDOUT = 1
const STDERR = 2
const STATUS = 3

/** A deployment whose pods become new one by one, each time that somebody looks. */
const makeDeployment = () => {
  const restarts: Array<string> = []
  let updated = REPLICAS
  const state = () => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", generation: 1 + restarts.length },
    spec: { replicas: REPLICAS },
    status: {
      observedGeneration: 1 + restarts.length,
      replicas: REPLICAS,
      updatedReplicas: updated,
      availableReplicas: updated
    }
  })
  const patch = (text: string) => {
    const { spec } = JSON.parse(text)
    restarts.push(spec.template.metadata.annotations["kubectl.kubernetes.io/restartedAt"])
    updated = 0
    return state()
  }
  const look = () => {
    updated = Math.min(REPLICAS, updated + 1)
    return state()
  }
  return { restarts, patch, look }
}

export const startApiServer = async (): Promise<ApiServer> => {
  const { restarts, patch, look } = makeDeployment()
  const answers = async (request: IncomingMessage): Promise<readonly [status: number, body: object]> => {
    if (!isAllowed(request)) return [401, failure(401, "Unauthorized")]
    if (request.url !== DEPLOYMENT) return [404, failure(404, "NotFound")]
    if (request.method === "GET") return [200, look()]
    const isMerge = request.headers["content-type"] === "application/strategic-merge-patch+json"
    return isMerge ? [200, patch(await textOf(request))] : [415, failure(415, "UnsupportedMediaType")]
  }
  const server = createServer({ cert: CERTIFICATE, key: CERTIFICATE_KEY }, async (request, response) => {
    const [status, body] = await answers(request)
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
  })
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false)
  })
  server.on("upgrade", (request, socket, head) => {
    const url = new URL(request.url ?? "", "http://cluster")
    const status = !isAllowed(request) ? "401 Unauthorized" : url.pathname === EXEC ? undefined : "404 Not Found"
    if (status !== undefined)
      return void socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)
    sockets.handleUpgrade(request, socket, head, (client) => execute(client, url.searchParams.getAll("command")))
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  return {
    place: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    restartedAt: () => restarts,
    stop: () => {
      for (const client of sockets.clients) client.terminate()
      server.closeAllConnections()
      return new Promise((done) => server.close(() => done()))
    }
  }
}

const isAllowed = ({ headers }: IncomingMessage): boolean => headers.authorization === `Bearer ${TOKEN}`

const failure = (code: number, reason: string) => ({
  kind: "Status",
  apiVersion: "v1",
  status: "Failure",
  reason,
  code
})

const textOf = async (request: IncomingMessage): Promise<string> => {
  const pieces: Array<Buffer> = []
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

/** Each message is a channel's number and bytes; the last one is the status. A client that goes away leaves the command running. */
const execute = (client: WebSocket, [program = "", ...args]: ReadonlyArray<string>): void => {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], detached: true })
  const send = (channel: number, bytes: Uint8Array) => client.send(Buffer.concat([Buffer.from([channel]), bytes]))
  for (const [channel, stream] of [
    [STDOUT, child.stdout],
    [STDERR, child.stderr]
  ] as const) {
    stream.on("data", (bytes: Buffer) => {
      if (client.readyState !== client.OPEN) return
      stream.pause()
      client.send(Buffer.concat([Buffer.from([channel]), bytes]), () => stream.resume())
    })
  }
  child.once("close", (code) => {
    if (client.readyState === client.OPEN) send(STATUS, Buffer.from(JSON.stringify(statusOf(code ?? 137))))
  })
}

const statusOf = (code: number) =>
  code === 0
    ? { metadata: {}, status: "Success" }
    : {
        metadata: {},
        status: "Failure",
        message: `command terminated with non-zero exit code: ${code}`,
        reason: "NonZeroExitCode",
        details: { causes: [{ reason: "ExitCode", message: `${code}` }] }
      }
