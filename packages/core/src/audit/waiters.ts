// Who waits for an entry to come under a checkpoint.
import { Deferred, Effect } from "effect"
import type { AuditEntryId } from "../ids.ts"

export interface Waiters {
  /** Waits until the entry is announced, or until `isThere`, which is asked once after the place in the queue is taken, is true. */
  wait(id: AuditEntryId, isThere: Effect.Effect<boolean>): Effect.Effect<void>
  /** Wakes everybody who waits for one of these entries. */
  announce(ids: Iterable<string>): void
  /** The entries that somebody waits for. */
  awaited(): ReadonlyArray<string>
}

export const makeWaiters = (): Waiters => {
  const waiting = new Map<string, Set<Deferred.Deferred<void>>>()
  const enter = (id: string) =>
    Effect.sync(() => {
      const deferred = Deferred.makeUnsafe<void>()
      waiting.set(id, (waiting.get(id) ?? new Set()).add(deferred))
      return deferred
    })
  const leave = (id: string, deferred: Deferred.Deferred<void>) =>
    Effect.sync(() => {
      waiting.get(id)?.delete(deferred)
      if (waiting.get(id)?.size === 0) waiting.delete(id)
    })
  return {
    wait: (id, isThere) =>
      Effect.acquireUseRelease(
        enter(id),
        (deferred) => Effect.flatMap(isThere, (there) => (there ? Effect.void : Deferred.await(deferred))),
        (deferred) => leave(id, deferred)
      ),
    announce: (ids) => {
      for (const id of ids) for (const deferred of waiting.get(id) ?? []) Deferred.doneUnsafe(deferred, Effect.void)
    },
    awaited: () => [...waiting.keys()]
  }
}
