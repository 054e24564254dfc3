// Who waits for an entry to come under a checkpoint.
import { Deferred, Effect } from "effect"
import type { AuditEntryId } from "../ids.ts"

export interface Waiters {
  /** Waits until the entry is announced, or until `isThere`, which is asked once after the place in the queue is taken, is true. */
  wait(id: AuditEntryId, isThere: Effect.Effect<boolean>): Effect.Effect<void>
  /** Wakes everybody who waits for one of these entries. */
  announce(ids: ReadonlyArray<string>): void
  /** The entries that somebody waits for. */
  awaited(): ReadonlyArray<string>
}

/** Announcements that are remembered, so that whoever asks right after its commit need not ask the database. */
const REMEMBERED_MAX = 16

export const makeWaiters = (): Waiters => {
  const remembered: Array<{ readonly ids: ReadonlyArray<string>; set?: ReadonlySet<string> }> = []
  const isRemembered = (id: string) =>
    remembered.some((announcement) => {
      announcement.set ??= new Set(announcement.ids)
      return announcement.set.has(id)
    })
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
      Effect.suspend(() =>
        isRemembered(id)
          ? Effect.void
          : Effect.acquireUseRelease(
              enter(id),
              (deferred) => Effect.flatMap(isThere, (there) => (there ? Effect.void : Deferred.await(deferred))),
              (deferred) => leave(id, deferred)
            )
      ),
    announce: (ids) => {
      if (ids.length > 0) remembered.unshift({ ids })
      remembered.splice(REMEMBERED_MAX)
      if (waiting.size === 0) return
      for (const id of ids) for (const deferred of waiting.get(id) ?? []) Deferred.doneUnsafe(deferred, Effect.void)
    },
    awaited: () => [...waiting.keys()]
  }
}
