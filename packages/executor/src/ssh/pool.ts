// The kept connections: one for each target, its way there, account, host key and version of the credential.
import { Effect, Equal, Hash, RcMap, type Scope } from "effect"
import { hostSecrets } from "../pin.ts"
import type { PinnedJump, PinnedTarget } from "../plan.ts"
import { TargetUnreachable } from "../run-error.ts"
import { type Connection, connect } from "./connection.ts"
import type { Credential } from "./credential.ts"
import type { DialError } from "./dial.ts"
import type { SshSettings } from "./settings.ts"

/** What a kept connection is for. */
export interface Wanted<E> {
  readonly target: PinnedTarget
  /** The version of a credential. */
  readonly versionOf: (secret: string) => number
  /** Asked only when there is no connection yet, also for each jump host. */
  readonly reveal: (host: PinnedJump) => Effect.Effect<Credential, E>
}

export interface Pool<E> {
  readonly settings: SshSettings
  /** The connection, opened where there is none; it is kept at least as long as the scope. */
  readonly get: (wanted: Wanted<E>) => Effect.Effect<Connection, DialError | E, Scope.Scope>
}

/**
 * Connections end when nothing has run over them for a while, when they break, and with the scope. One to a jump host is shared by all
 * that go through it, and kept as long as any of them.
 */
export const makePool = Effect.fnUntraced(function* <E>(
  settings: SshSettings
): Effect.fn.Return<Pool<E>, never, Scope.Scope> {
  const connections: RcMap.RcMap<Key<E>, Connection, DialError | E> = yield* RcMap.make({
    idleTimeToLive: settings.idleMs,
    lookup: (key: Key<E>) => open(key).pipe(Effect.onError(() => RcMap.invalidate(connections, key)))
  })
  const open = Effect.fnUntraced(function* (key: Key<E>) {
    const { target, reveal } = key.wanted
    const jump = jumpTo(key.wanted)
    const through = jump && wayThrough(yield* RcMap.get(connections, new Key(jump)), jump.target, target)
    const connection = yield* connect({ target, credential: yield* reveal(target), settings, through })
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
  const idle = idleKeys<Key<E>>(settings.idleMax, (key) => RcMap.invalidate(connections, key))
  const get: Pool<E>["get"] = (wanted) =>
    Effect.suspend(() => {
      const key = new Key(wanted)
      // Acquired first, so that the connection is given back before it counts as one without a run.
      return Effect.andThen(
        Effect.acquireRelease(
          Effect.sync(() => idle.begin(key)),
          () => idle.end(key)
        ),
        RcMap.get(connections, key)
      )
    })
  return { settings, get }
})

/** Which connections have no run, the one that was used longest ago first. Of one that has ended meanwhile only the key is left. */
const idleKeys = <K extends { readonly text: string }>(max: number, close: (key: K) => Effect.Effect<void>) => {
  const runs = new Map<string, number>()
  const idle = new Map<string, K>()
  return {
    begin: (key: K): void => {
      runs.set(key.text, (runs.get(key.text) ?? 0) + 1)
      idle.delete(key.text)
    },
    end: (key: K): Effect.Effect<void> =>
      Effect.suspend(() => {
        const left = (runs.get(key.text) ?? 1) - 1
        if (left > 0) runs.set(key.text, left)
        if (left > 0) return Effect.void
        runs.delete(key.text)
        idle.set(key.text, key)
        const [oldest] = idle.size > max ? idle.values() : []
        if (oldest === undefined) return Effect.void
        idle.delete(oldest.text)
        return close(oldest)
      })
  }
}

/** The last jump host, which is reached through those before it. */
const jumpTo = <E>(wanted: Wanted<E>): Wanted<E> | undefined => {
  const jumps = wanted.target.jumps ?? []
  const last = jumps.at(-1)
  if (last === undefined) return undefined
  return { ...wanted, target: jumps.length === 1 ? last : { ...last, jumps: jumps.slice(0, -1) } }
}

const wayThrough = (connection: Connection, jump: PinnedTarget, target: PinnedTarget) =>
  connection
    .forward(target)
    .pipe(Effect.mapError(({ code }) => new TargetUnreachable({ target: target.name, code, through: jump.name })))

/** Two wanted connections are the same when all that they depend on is. */
class Key<E> implements Equal.Equal {
  readonly wanted: Wanted<E>
  readonly text: string

  constructor(wanted: Wanted<E>) {
    const { jumps = [], ...target } = wanted.target
    this.wanted = wanted
    this.text = JSON.stringify([...jumps, target].map((host) => [host, hostSecrets(host).map(wanted.versionOf)]))
  }

  [Equal.symbol](that: Equal.Equal): boolean {
    return that instanceof Key && that.text === this.text
  }

  [Hash.symbol](): number {
    return Hash.string(this.text)
  }
}
