// A kept connection: one sign-in, many runs.
import { Data, Effect, type Scope, Semaphore } from "effect"
import type ssh2 from "ssh2"
import { type Dial, type DialError, dial } from "./dial.ts"
import { type RemoteProcess, remoteProcess } from "./remote-process.ts"

/** The other side gave no channel, or the connection was already gone: nothing was started. */
export class ChannelRefused extends Data.TaggedError("ChannelRefused")<{
  /** `lost`: the connection is gone. `busy`: the server allows no further channel now. `refused`: it runs no commands for this account. */
  readonly reason: "lost" | "busy" | "refused"
}> {}

export interface Connection {
  /** Starts a line of ours on the other side, once fewer runs than allowed go over the connection; its channel is closed with the scope. */
  readonly startRun: (line: string) => Effect.Effect<RemoteProcess, ChannelRefused, Scope.Scope>
  /** Starts one at once, for what cannot wait. */
  readonly start: (line: string) => Effect.Effect<RemoteProcess, ChannelRefused, Scope.Scope>
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
