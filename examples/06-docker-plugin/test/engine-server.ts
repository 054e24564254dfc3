// A server that speaks Docker's Engine API as its reference describes it (v1.43), on a Unix socket. Its containers are this machine: exec starts real
// processes here, each the leader of a session, as the engine does.
import { spawn } from "node:child_process"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"

/** What the engine puts on every answer. */
const HEADERS = {
  "Api-Version": "1.43",
  "Docker-Experimental": "false",
  Ostype: "linux",
  Server: "Docker/24.0.7 (linux)"
}
const CONTAINER = "web"

interface Exec {
  readonly argv: ReadonlyArray<string>
  isRunning: boolean
  exitCode: number | null
}

/** An engine with one running container, `web`. */
export interface EngineServer {
  readonly restarts: () => number
  readonly stop: () => Promise<void>
}

type Answer = (response: ServerResponse, body: { readonly Cmd?: ReadonlyArray<string> }, id: string) => void

export const startEngine = async (socket: string): Promise<EngineServer> => {
  const execs = new Map<string, Exec>()
  let restarts = 0
  const routes: ReadonlyArray<readonly [route: RegExp, answer: Answer]> = [
    [
      /^POST \/v1\.43\/containers\/([^/]+)\/exec$/,
      (response, { Cmd = [] }, name) => {
        if (name !== CONTAINER) return json(response, 404, { message: `No such container: ${name}` })
        const id = `${execs.size + 1}`.padStart(64, "0")
        execs.set(id, { argv: Cmd, isRunning: false, exitCode: null })
        json(response, 201, { Id: id })
      }
    ],
    [/^POST \/v1\.43\/exec\/([^/]+)\/start$/, (response, _, id) => attached(response, execs.get(id)!)],
    [
      /^GET \/v1\.43\/exec\/([^/]+)\/json$/,
      (response, _, id) => {
        const { isRunning, exitCode } = execs.get(id)!
        json(response, 200, { ID: id, Running: isRunning, ExitCode: exitCode, ContainerID: CONTAINER })
      }
    ],
    [
      /^POST \/v1\.43\/containers\/([^/]+)\/restart\?t=10$/,
      (response, _, name) => {
        if (name !== CONTAINER) return json(response, 404, { message: `No such container: ${name}` })
        restarts++
        response.writeHead(204, HEADERS).end()
      }
    ]
  ]
  const server = createServer(async (request, response) => {
    const line = `${request.method} ${request.url}`
    const found = routes.find(([route]) => route.test(line))
    if (found === undefined) return json(response, 404, { message: "page not found" })
    found[1](response, await bodyOf(request), found[0].exec(line)?.[1] ?? "")
  })
  await new Promise<void>((done) => server.listen(socket, done))
  return {
    restarts: () => restarts,
    stop: () => {
      server.closeAllConnections()
      return new Promise((done) => server.close(() => done()))
    }
  }
}

const json = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { ...HEADERS, "Content-Type": "application/json" }).end(`${JSON.stringify(body)}\n`)
}

const bodyOf = async (request: IncomingMessage) => {
  const pieces: Array<Buffer> = []
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece)
  const text = Buffer.concat(pieces).toString()
  return text === "" ? {} : JSON.parse(text)
}

/** The raw stream of an exec: frames until it ends, then the connection closes. */
const attached = (response: ServerResponse, exec: Exec): void => {
  const { socket } = response
  const [program = "", ...args] = exec.argv
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], detached: true })
  exec.isRunning = true
  socket?.write("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\n\r\n")
  const write = (stream: number) => (bytes: Buffer) => {
    const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0])
    header.writeUInt32BE(bytes.length, 4)
    // In two writes, so that frames come in pieces.
    socket?.write(header)
    const isFull = socket?.write(bytes) === false
    if (isFull) for (const each of [child.stdout, child.stderr]) each.pause()
  }
  socket?.on("drain", () => {
    for (const each of [child.stdout, child.stderr]) each.resume()
  })
  // Whoever goes away leaves the command running: the engine does not end it.
  socket?.once("close", () => {
    for (const each of [child.stdout, child.stderr]) each.resume()
  })
  child.stdout.on("data", write(1))
  child.stderr.on("data", write(2))
  child.once("close", (code) => {
    exec.isRunning = false
    exec.exitCode = code ?? 137
    socket?.end()
  })
}
