// A real SSH server on loopback, for tests and demonstrations: it runs commands with /bin/sh as the account of this process.
import { timingSafeEqual } from "node:crypto"
import { createServer, type Socket } from "node:net"
import type ssh2 from "ssh2"
import { fingerprintOf } from "../ssh/host-key.ts"
import { makeSshKeyPair } from "./ssh-keys.ts"
import { type Command, startCommand } from "./ssh-server-command.ts"

export { makeSshKeyPair, type SshKeyPair } from "./ssh-keys.ts"

/** How a test server behaves. */
export interface TestSshServerOptions {
  /** `tester` unless told. */
  readonly account?: string
  /** The shell that gets each command line with `-c`; `/bin/sh` unless told. */
  readonly shell?: ReadonlyArray<string>
  /** Makes each command the leader of a session, as sshd does; true unless told. */
  readonly makesSessions?: boolean
  /** Sessions at a time on one connection (`MaxSessions`); 10 unless told, as sshd has it. */
  readonly sessionsMax?: number
}

/** A running test server, with what signs in to it and ways to make it fail. */
export interface TestSshServer {
  readonly host: "127.0.0.1"
  readonly port: number
  readonly account: string
  /** OpenSSH private key that may sign in. */
  readonly privateKey: string
  /** It may sign in too. */
  readonly password: string
  /** `SHA256:…` of the host key that is shown now. */
  readonly hostKey: () => string
  /** From now on another host key is shown. */
  readonly changeHostKey: () => void
  /** How many connections were made so far, dropped ones included. */
  readonly connectionCount: () => number
  readonly openConnections: () => number
  /** The most sessions that one connection had at a time. */
  readonly sessionsPeak: () => number
  /** Cuts every connection, without a word. */
  readonly cutConnections: () => void
  /** Cuts the next connections as soon as they come, before the other side is greeted. */
  readonly cutNext: (count: number) => void
  /** Refuses the next channels. */
  readonly refuseChannels: (count: number) => void
  /** Ends everything: connections, and commands that still run. */
  readonly stop: () => Promise<void>
}

const DEFAULT_OPTIONS = { account: "tester", shell: ["/bin/sh"], makesSessions: true, sessionsMax: 10 } as const

/** Starts a server on a free port of 127.0.0.1, with keys made for it. Everybody who has its key or password can run commands here. */
export const startTestSshServer = async (options: TestSshServerOptions = {}): Promise<TestSshServer> => {
  // Loaded here, so that testing an executor that has nothing to do with SSH does not need it.
  const { default: library } = await import("ssh2")
  const settings = { ...DEFAULT_OPTIONS, ...options, library }
  const client = makeSshKeyPair()
  const password = `password-${crypto.randomUUID()}`
  const state: ServerState = { ...NEW_STATE, sockets: new Set(), commands: new Set() }
  const start = () => makeServer({ ...settings, publicKey: client.publicKey, password, state })
  let current = start()
  const listener = createServer({ noDelay: true }, (socket) => {
    if (isAccepted(socket, state)) current.server.injectSocket(socket)
  })
  const cutConnections = () => {
    for (const socket of state.sockets) socket.destroy()
  }
  return {
    host: "127.0.0.1",
    port: await listening(listener),
    account: settings.account,
    privateKey: client.privateKey,
    password,
    hostKey: () => current.hostKey,
    changeHostKey: () => {
      current = start()
    },
    connectionCount: () => state.connectionCount,
    openConnections: () => state.sockets.size,
    sessionsPeak: () => state.sessionsPeak,
    cutConnections,
    cutNext: (count) => {
      state.cut = count
    },
    refuseChannels: (count) => {
      state.refusedChannels = count
    },
    stop: () => {
      cutConnections()
      for (const command of state.commands) command.kill()
      return new Promise((resolve) => listener.close(() => resolve()))
    }
  }
}

interface ServerState {
  connectionCount: number
  sessionsPeak: number
  cut: number
  refusedChannels: number
  readonly sockets: Set<Socket>
  readonly commands: Set<Command>
}

const NEW_STATE = { connectionCount: 0, sessionsPeak: 0, cut: 0, refusedChannels: 0 }

const isAccepted = (socket: Socket, state: ServerState): boolean => {
  state.connectionCount++
  socket.on("error", () => {})
  if (state.cut > 0) {
    state.cut--
    socket.destroy()
    return false
  }
  state.sockets.add(socket.once("close", () => state.sockets.delete(socket)))
  return true
}

interface ServerSettings extends Required<TestSshServerOptions> {
  readonly library: typeof ssh2
  readonly publicKey: string
  readonly password: string
  readonly state: ServerState
}

const makeServer = (settings: ServerSettings) => {
  const pair = makeSshKeyPair()
  const server = new settings.library.Server({ hostKeys: [pair.privateKey] }, (connection) => {
    // A client that goes away in the middle of something is its own affair.
    connection.on("error", () => {})
    connection.on("authentication", (attempt) =>
      isAllowed(attempt, settings) ? attempt.accept() : attempt.reject(["publickey", "password"])
    )
    let sessions = 0
    connection.on("session", (accept, reject) => {
      const isRefused = settings.state.refusedChannels > 0
      if (isRefused) settings.state.refusedChannels--
      if (isRefused || sessions >= settings.sessionsMax) return reject()
      sessions++
      settings.state.sessionsPeak = Math.max(settings.state.sessionsPeak, sessions)
      serveSession(accept(), settings, () => sessions--)
    })
  })
  const key = parsedKey(settings.library, pair.publicKey)
  return { server, hostKey: fingerprintOf(key.getPublicSSH()) }
}

const serveSession = (session: ssh2.Session, { shell, makesSessions, state }: ServerSettings, ended: () => void) => {
  session.once("close", ended)
  session.on("exec", (accept, _reject, { command }) => {
    const started = startCommand(accept(), { shell, makesSessions, line: command })
    state.commands.add(started)
    started.ended.finally(() => state.commands.delete(started))
    session.on("signal", (accepted, _rejected, { name }) => {
      started.signal(name)
      accepted?.()
    })
  })
}

const isAllowed = (attempt: ssh2.AuthContext, { library, account, password, publicKey }: ServerSettings): boolean => {
  if (attempt.username !== account) return false
  if (attempt.method === "password") return isSame(Buffer.from(attempt.password), Buffer.from(password))
  if (attempt.method !== "publickey") return false
  const key = parsedKey(library, publicKey)
  const isKnown = isSame(attempt.key.data, key.getPublicSSH())
  // Without a signature the client only asks whether the key would do (RFC 4252 §7).
  if (attempt.signature === undefined || attempt.blob === undefined) return isKnown
  return isKnown && key.verify(attempt.blob, attempt.signature, attempt.hashAlgo)
}

const parsedKey = (library: typeof ssh2, text: string): ssh2.ParsedKey => {
  const key = library.utils.parseKey(text)
  if (key instanceof Error) throw key
  return key
}

const isSame = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && timingSafeEqual(one, other)

const listening = (listener: ReturnType<typeof createServer>): Promise<number> =>
  new Promise((resolve, reject) => {
    listener.once("error", reject)
    listener.listen(0, "127.0.0.1", () => {
      const address = listener.address()
      resolve(typeof address === "object" && address !== null ? address.port : 0)
    })
  })
