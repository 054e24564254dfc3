// A kept connection: one sign-in, many runs.
import type { Duplex } from "node:stream"
import { Data, Effect, type Scope, Semaphore } from "effect"
import type ssh2 from "ssh2"
import { type Dial, type DialError, dial } from "./dial.ts"
import { type RemoteProcess, remoteProcess } from "./remote-process.ts"

/** The other side gave no channel, or the connection was already gone: nothing was started. */
export class ChannelRefused extends Data.TaggedError("ChannelRefused")<{
  /** `lost`: the connection is gone. `busy`: the server allows no further channel now. `refused`: it runs no commands for this account. */
  readonly reason: "lost" | "busy" | "refused"
}> {}

/** The other side makes no connection to that address: nothing was started. */
export class ForwardRefused extends Data.TaggedError("ForwardRefused")<{
  /** A code of `TargetUnreachable`. */
  readonly code: "dropped" | "forwarding-prohibited" | "connect-failed"
}> {}

export interface Address {
  readonly host: string
  readonly port: number
}

export interface Connection {
  /** Starts a line of ours on the other side, once fewer runs than allowed go over the connection; its channel is closed with the scope. */
  readonly startRun: (line: string) => Effect.Effect<RemoteProcess, ChannelRefused, Scope.Scope>
  /** Starts one at once, for what cannot wait. */
  readonly start: (line: string) => Effect.Effect<RemoteProcess, ChannelRefused, Scope.Scope>
  /** A TCP connection from the other side to somewhere else, for a target that is reached through it. */
  readonly forward: (address: Address) => Effect.Effect<Duplex, ForwardRefused>
  /** What its runs have learned about the account on the other side. */
  readonly known: { isDirectPossible: boolean }
  readonly onceClosed: (callback: () => void) => void
}

/** Each run listens for the end of its connection, and so does each stop of one. */
const LISTENERS_MAX = 64

/** Opens a connection that ends with the scope. */
export const connect = Effect.fnUntraced(function* (
  wanted: Dial
): Effect.fn.Return<Connection, DialError, Scope.Scope> {
  const client = yield* Effect.acquireRelease(dial(wanted), (opened) => Effect.sync(() => opened.end()), {
    interruptible: true
  })
  const semaphore = yield* Semaphore.make(wanted.settings.channelsMax)
  client.setMaxListeners(LISTENERS_MAX)
  return {
    startRun: (line) =>
      Effect.acquireRelease(
        Effect.andThen(
          semaphore.take(1),
          Effect.onError(startLine(client, line), () => semaphore.release(1))
        ),
        (started) => Effect.andThen(Effect.sync(started.close), semaphore.release(1)),
        { interruptible: true }
      ),
    start: (line) =>
      Effect.acquireRelease(startLine(client, line), (started) => Effect.sync(started.close), { interruptible: true }),
    forward: (address) => forward(client, address),
    known: { isDirectPossible: false },
    onceClosed: (callback) => {
      client.once("close", callback)
    }
  }
})

const startLine = (client: ssh2.Client, line: string): Effect.Effect<RemoteProcess, ChannelRefused> =>
  Effect.callback((resume) => {
    let isWanted = true
    const refuse = (reason: ChannelRefused["reason"]) => resume(Effect.fail(new ChannelRefused({ reason })))
    const onLost = () => refuse("lost")
    client.once("close", onLost)
    const opened = (error: Error | undefined, channel: ssh2.ClientChannel) => {
      client.off("close", onLost)
      // A server that opens no channel gives its reason as a number (RFC 4254 §5.1).
      if (error) return refuse("reason" in error && typeof error.reason === "number" ? "busy" : "refused")
      const started = remoteProcess(client, channel)
      if (!isWanted) return started.close()
      resume(Effect.succeed(started))
    }
    try {
      client.exec(line, opened)
    } catch {
      // ssh2 throws when the connection is already gone.
      client.off("close", onLost)
      refuse("lost")
    }
    return Effect.sync(() => {
      isWanted = false
    })
  })

/** RFC 4254 §5.1: the reasons for which a channel is not opened. */
const PROHIBITED = 1

const forward = (client: ssh2.Client, { host, port }: Address): Effect.Effect<Duplex, ForwardRefused> =>
  Effect.callback((resume) => {
    let isWanted = true
    const refuse = (code: ForwardRefused["code"]) => resume(Effect.fail(new ForwardRefused({ code })))
    const onLost = () => refuse("dropped")
    client.once("close", onLost)
    const opened = (error: Error | undefined, channel: ssh2.ClientChannel) => {
      client.off("close", onLost)
      if (error)
        return refuse("reason" in error && error.reason === PROHIBITED ? "forwarding-prohibited" : "connect-failed")
      if (!isWanted) return channel.destroy()
      resume(Effect.succeed(channel))
    }
    try {
      // The server only notes where the connection came from (RFC 4254 §7.2).
      client.forwardOut("127.0.0.1", 0, host, port, opened)
    } catch {
      client.off("close", onLost)
      refuse("dropped")
    }
    return Effect.sync(() => {
      isWanted = false
    })
  })
