// The kept connections: one for each target, account, host key and version of the credential.
import { Effect, Equal, Hash, RcMap, type Scope } from "effect"
import type { PinnedTarget } from "../plan.ts"
import { type Connection, connect } from "./connection.ts"
import type { Credential } from "./credential.ts"
import type { DialError } from "./dial.ts"
import type { SshSettings } from "./settings.ts"

/** What a kept connection is for. `reveal` is asked only when there is none yet. */
export interface Wanted<E> {
  readonly target: PinnedTarget
  readonly credentialVersion: number
  readonly reveal: Effect.Effect<Credential, E>
}

export interface Pool<E> {
  /** The connection, opened where there is none; it is kept at least as long as the scope. */
  readonly get: (wanted: Wanted<E>) => Effect.Effect<Connection, DialError | E, Scope.Scope>
}

/** Connections end when nothing has run over them for a while, when they break, and with the scope. */
export const makePool = Effect.fnUntraced(function* <E>(
  settings: SshSettings
): Effect.fn.Return<Pool<E>, never, Scope.Scope> {
  const connections: RcMap.RcMap<Key<E>, Connection, DialError | E> = yield* RcMap.make({
    idleTimeToLive: settings.idleMs,
    lookup: (key: Key<E>) => open(key).pipe(Effect.onError(() => RcMap.invalidate(connections, key)))
  })
  const open = Effect.fnUntraced(function* (key: Key<E>) {
    const { target, reveal } = key.wanted
    const connection = yield* connect({ target, credential: yield* reveal, settings })
    const runFork = Effect.runForkWith(yield* Effect.context())
    let isKept = true
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        isKept = false
      })
    )
    connection.onceClosed(() => {
      if (isKept) runFork(RcMap.invalidate(connections, key))
    })
    return connection
  })
  return { get: (wanted) => RcMap.get(connections, new Key(wanted)) }
})

/** Two wanted connections are the same when all that they depend on is. */
class Key<E> implements Equal.Equal {
  readonly wanted: Wanted<E>
  readonly text: string

  constructor(wanted: Wanted<E>) {
    const { id, host, port, account, hostKey, credential } = wanted.target
    this.wanted = wanted
    this.text = JSON.stringify([id, host, port, account, hostKey, credential, wanted.credentialVersion])
  }

  [Equal.symbol](that: Equal.Equal): boolean {
    return that instanceof Key && that.text === this.text
  }

  [Hash.symbol](): number {
    return Hash.string(this.text)
  }
}
