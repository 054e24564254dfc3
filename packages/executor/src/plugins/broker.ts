// Connects for a plugin to the hosts that its plan names, and to no other. The plugin reaches it through a Unix socket in a folder of its own.
import { mkdtempSync, rmSync } from "node:fs"
import { connect, createServer, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, type Scope } from "effect"
import { hostPlace } from "../hosts.ts"

const CONNECTIONS_MAX = 64
const LINE_LENGTH_MAX = 400
const LINE_MS_MAX = 5_000
const NEWLINE = 0x0a

/** The path of its socket. When the scope closes, all connections are closed. */
export const openBroker = (hosts: ReadonlyArray<string>): Effect.Effect<string, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.promise(() => listen(new Set(hosts))),
      ({ close }) => Effect.sync(close)
    ),
    ({ path }) => path
  )

const listen = (hosts: ReadonlySet<string>): Promise<{ readonly path: string; readonly close: () => void }> => {
  const folder = mkdtempSync(join(tmpdir(), "fluxcybers-plugin-"))
  const path = join(folder, "broker")
  const open = new Set<Socket>()
  const keep = (socket: Socket) => {
    open.add(socket)
    socket.on("error", () => socket.destroy()).once("close", () => open.delete(socket))
  }
  const server = createServer({ allowHalfOpen: true }, (client) => {
    keep(client)
    afterFirstLine(client, (host, rest) => {
      const place = hosts.has(host) ? hostPlace(host) : undefined
      if (place === undefined) return client.destroy()
      const upstream = connect({ ...place, allowHalfOpen: true })
      keep(upstream)
      joined(client, upstream, rest)
    })
  })
  server.maxConnections = CONNECTIONS_MAX
  const close = () => {
    server.close()
    for (const socket of open) socket.destroy()
    rmSync(folder, { recursive: true, force: true })
  }
  return new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen(path, () => resolve({ path, close }))
  })
}

/** The first line names where to connect to; what stands behind it is already for there. */
const afterFirstLine = (client: Socket, found: (host: string, rest: Buffer) => void): void => {
  let read = Buffer.alloc(0)
  const late = setTimeout(() => client.destroy(), LINE_MS_MAX)
  client.once("close", () => clearTimeout(late))
  const take = (piece: Buffer) => {
    read = Buffer.concat([read, piece])
    const at = read.indexOf(NEWLINE)
    if (at < 0) return read.length > LINE_LENGTH_MAX ? client.destroy() : undefined
    clearTimeout(late)
    client.off("data", take).pause()
    found(read.subarray(0, at).toString("latin1"), read.subarray(at + 1))
    return undefined
  }
  client.on("data", take)
}

/** What one side sends the other gets, as fast as it takes it; one that breaks takes the other along. */
const joined = (client: Socket, upstream: Socket, rest: Buffer): void => {
  upstream.write(rest)
  client.pipe(upstream)
  upstream.pipe(client)
  client.once("close", () => upstream.destroy())
  upstream.once("close", (hadError) => (hadError ? client.destroy() : client.end()))
}
