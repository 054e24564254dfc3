// Wraps keys anew, page by page: what was done stays done, so that it can go on after a crash where it ended.
import { Database } from "@fluxcybers/core"
import { Effect } from "effect"
import type { StoredKey } from "../keys/key-store.ts"
import { added, NOTHING, type Rewrapped, rotationStore } from "./rotation-store.ts"

const PAGE_KEYS = 500
/** Of a key service's requests at once. */
const CONCURRENCY = 16

export interface Rewrapping<E> {
  readonly rotation: string
  /** Ids of the keys that wrap now and then. */
  readonly from: string
  readonly to: string
  /** Nothing when the key does not open. */
  rewrap(key: StoredKey, wrapped: Uint8Array): Effect.Effect<Uint8Array | undefined, E>
}

/** Every key that `from` wraps, in the order of their ids. */
export const rewrapAll = Effect.fnUntraced(function* <E>(rewrapping: Rewrapping<E>) {
  const store = rotationStore(yield* Database)
  let after = ""
  let passed = NOTHING
  for (;;) {
    const page = yield* store.wrappedBy(rewrapping.from, { after, limit: PAGE_KEYS })
    const last = page.at(-1)
    if (last === undefined) return passed
    passed = added(passed, yield* rewrapPage(rewrapping, page))
    after = last.id
  }
})

const rewrapPage = Effect.fnUntraced(function* <E>(rewrapping: Rewrapping<E>, page: ReadonlyArray<StoredKey>) {
  const database = yield* Database
  const store = rotationStore(database)
  // Outside the transaction: the root key may be far away.
  const fresh = yield* Effect.forEach(page, (key) => rewrapOne(rewrapping, key), { concurrency: CONCURRENCY })
  const opened = fresh.filter((key) => key !== undefined)
  return yield* database.transaction(
    Effect.gen(function* () {
      let done = 0
      for (const key of opened) if (yield* store.rewrap(key, rewrapping)) done++
      yield* store.progress(rewrapping.rotation, done)
      return { done, failed: page.length - opened.length }
    })
  )
})

const rewrapOne = Effect.fnUntraced(function* <E>({ rewrap }: Rewrapping<E>, key: StoredKey) {
  const wrapped = key.wrapped && (yield* rewrap(key, key.wrapped))
  return wrapped && ({ id: key.id, wrapped } satisfies Rewrapped)
})
