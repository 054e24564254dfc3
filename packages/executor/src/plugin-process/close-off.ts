// Closes off what Node's permission model leaves open: the network, other processes, the standard streams. Where the kernel gives the process a
// network of its own there is none to reach anyway; elsewhere this holds what goes through Node's own modules.
import { Console } from "node:console"
import dgram from "node:dgram"
import { syncBuiltinESMExports } from "node:module"
import net from "node:net"
import { Writable } from "node:stream"
import tls from "node:tls"
import { hostText } from "../hosts.ts"

/** `broker`: the Unix socket of whoever connects to the plan's hosts. */
export const closeOff = (broker: string | undefined): void => {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  globalThis.console = new Console(nowhere)
  process.kill = refuse("signal another process")
  dgram.createSocket = refuse("use UDP")
  net.Server.prototype.listen = refuse("listen")
  net.Socket.prototype.connect = brokered(net.Socket.prototype.connect, broker)
  tls.connect = overBrokered(tls.connect)
  syncBuiltinESMExports()
}

const refuse = (what: string) => (): never => {
  throw Object.assign(new Error(`A plugin cannot ${what}.`), { code: "ERR_ACCESS_DENIED" })
}

type Connect = typeof net.Socket.prototype.connect

/** Says first where to connect to; from then on the connection is the one to there, or it is closed. */
const brokered = (connect: Connect, broker: string | undefined): Connect =>
  function (this: net.Socket, ...given: ReadonlyArray<unknown>) {
    const { place, listener } = wanted(given)
    if (broker === undefined) return refuse(`connect to ${place}: its plan names no host`)()
    Reflect.apply(connect, this, [{ path: broker }, ...(listener === undefined ? [] : [listener])])
    this.write(`${place}\n`)
    return this
  } as Connect

/** TLS over a connection that is made first: the broker reads the line before the handshake. */
const overBrokered = (connect: typeof tls.connect): typeof tls.connect =>
  ((...given: ReadonlyArray<unknown>) => {
    const [options, listener] = normalized(given)
    const { socket = net.connect(options as unknown as net.NetConnectOpts), ...rest } = options
    return Reflect.apply(connect, tls, [{ ...rest, socket }, ...(listener === undefined ? [] : [listener])])
  }) as typeof tls.connect

type Options = Readonly<Record<string, unknown>>

const wanted = (given: ReadonlyArray<unknown>) => {
  const [{ path, host = "localhost", port }, listener] = normalized(given)
  const place = hostText(
    path === undefined || path === null ? { host: String(host), port: Number(port) } : { path: String(path) }
  )
  return { place, listener }
}

/** The forms in which `connect` is called: options, a path, or port and host; each with a listener. Node's own calls have them in a list. */
const normalized = (given: ReadonlyArray<unknown>): readonly [options: Options, listener: unknown] => {
  const words: ReadonlyArray<unknown> = Array.isArray(given[0]) ? given[0] : given
  const listener = words.findLast((word) => typeof word === "function")
  const further = words.findLast((word) => typeof word === "object" && word !== null) as Options | undefined
  const [first, second] = words
  if (typeof first === "object") return [first as Options, listener]
  if (typeof first === "string" && Number.isNaN(Number(first))) return [{ path: first, ...further }, listener]
  return [{ port: Number(first), ...(typeof second === "string" ? { host: second } : {}), ...further }, listener]
}
