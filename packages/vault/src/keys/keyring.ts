// The keyring: finds the key that seals new values of a scope, and the key that a sealed value names. Keys are unwrapped once and
// then remembered, for a while and up to a number.
import { AuditLog } from "@fluxcybers/core"
import { Clock, Context, Effect, Layer, Option, Schema } from "effect"
import type { KeyId, SealingKey } from "../blob/sealed-blob.ts"
import { isDestroyed } from "../evidence/key-evidence.ts"
import type { CacheLimits } from "./expiring-cache.ts"
import { KeyCache } from "./key-cache.ts"
import { type KeyScope, parentScope, scopeText } from "./key-scope.ts"
import { KeyStore, type StoredKey } from "./key-store.ts"
import { RootKey, type RootKeyFailed, rootKeyProviders } from "./root-key.ts"
import { KeyUnavailable, makeScopeKeys } from "./scope-keys.ts"

const CACHE_LIMITS: CacheLimits = { entriesMax: 1_000, ttlMs: 60_000 }

/** The root key is not the one that this database was made with. Nothing was changed. */
export class WrongRootKey extends Schema.TaggedError<WrongRootKey>()("WrongRootKey", {
  /** Ids of the root keys that the database needs. */
  missing: Schema.Array(Schema.String),
  present: Schema.String,
  location: Schema.String
}) {
  override get message() {
    return `The keys in this database are wrapped by root key ${this.missing.join(" and ")}, but ${this.location} holds root key ${this.present}. Nothing was changed. Put the root key that was made with this database back (it is in your backup of the keys), or use the database that belongs to this one.`
  }
}

/**
 * `current` gives the key that seals new values of a scope, and makes it on first use: of several processes that do so at once, all
 * get the same one. `get` gives the key that a sealed value names; a key of another scope is `unknown`.
 *
 * A root key that cannot be reached is a defect, like a database that cannot be reached. Inside a transaction nothing is
 * remembered, because it may be undone: ask for a scope's key before.
 *
 * Where there is an audit log, a key that it tells of as destroyed is `destroyed`, whatever the store says.
 */
export class Keyring extends Context.Service<
  Keyring,
  {
    current(scope: KeyScope): Effect.Effect<SealingKey, KeyUnavailable>
    get(scope: KeyScope, id: KeyId): Effect.Effect<SealingKey, KeyUnavailable>
    /** Drops the unwrapped keys of a scope, or all of them: what changed in the store is then read anew. */
    forget(scope?: KeyScope): Effect.Effect<void>
  }
>()("fluxcybers/vault/Keyring") {}

/**
 * The keyring on a `KeyStore` and a `RootKey`. At its start it makes sure that they belong together: the system's own key is opened
 * (and made at the very first start), and a root key that is another one fails with `WrongRootKey`, which names the missing one.
 * `limits`: 1,000 keys for 60 s unless told.
 */
export const keyringLayer = (
  limits: Partial<CacheLimits> = {}
): Layer.Layer<Keyring, WrongRootKey | RootKeyFailed | KeyUnavailable, KeyStore | RootKey> =>
  Layer.effect(Keyring, openKeyring({ ...CACHE_LIMITS, ...limits }))

const SYSTEM: KeyScope = { kind: "system" }

const openKeyring = Effect.fnUntraced(function* (limits: CacheLimits) {
  const store = yield* KeyStore
  const keyring = yield* makeKeyring(limits)
  yield* refuseOtherRootKeys
  if ((yield* store.newest(SYSTEM)) === undefined) yield* keyring.make(SYSTEM)
  // Another node may have come first, with a root key of its own.
  yield* refuseOtherRootKeys
  yield* keyring.current(SYSTEM)
  return Keyring.of({ current: keyring.current, get: keyring.get, forget: keyring.forget })
})

/** Looks for keys whose time is over at least this often. */
const SWEEP_MS = 10_000

/** A key that nobody asks for any more leaves the memory too, and all of them do at the end. */
const forgetInTime = Effect.fnUntraced(function* (cache: KeyCache, { ttlMs }: CacheLimits) {
  yield* Effect.addFinalizer(() => Effect.sync(() => cache.forget()))
  const sweep = Effect.map(Clock.currentTimeMillis, (nowMs) => cache.sweep(nowMs))
  yield* Effect.sleep(Math.min(ttlMs, SWEEP_MS)).pipe(Effect.andThen(sweep), Effect.forever, Effect.forkScoped)
})

const refuseOtherRootKeys = Effect.gen(function* () {
  const root = yield* RootKey
  const here = yield* rootKeyProviders(root)
  const missing = (yield* (yield* KeyStore).rootKeys).filter((id) => !here.has(id))
  const { id: present, location } = yield* root.describe
  if (missing.length > 0) return yield* new WrongRootKey({ missing, present, location })
})

const makeKeyring = Effect.fnUntraced(function* (limits: CacheLimits) {
  const store = yield* KeyStore
  const cache = new KeyCache(limits)
  yield* forgetInTime(cache, limits)
  const keys = yield* makeScopeKeys((scope, id) => get(scope, id))
  const log = Option.getOrUndefined(yield* Effect.serviceOption(AuditLog))

  const opened = Effect.fnUntraced(function* (stored: StoredKey, generation: number) {
    // Its wrapped bytes may have been put back from an older copy of the database.
    if (log !== undefined && (yield* isDestroyed(log, stored.scope, stored.id))) {
      return yield* new KeyUnavailable({ key: stored.id, reason: "destroyed" })
    }
    const key = yield* keys.unwrap(stored)
    if (yield* store.isTentative) return key
    cache.remember(stored, key, { nowMs: yield* Clock.currentTimeMillis, generation })
    return key
  })

  const current = Effect.fnUntraced(function* (scope: KeyScope): Effect.fn.Return<SealingKey, KeyUnavailable> {
    const known = cache.current(scope, yield* Clock.currentTimeMillis)
    if (known !== undefined) return known
    const { generation } = cache
    return yield* opened((yield* store.newest(scope)) ?? (yield* make(scope)), generation)
  })

  const get = Effect.fnUntraced(function* (scope: KeyScope, id: KeyId): Effect.fn.Return<SealingKey, KeyUnavailable> {
    const known = cache.get(scope, id, yield* Clock.currentTimeMillis)
    if (known !== undefined) return known
    const { generation } = cache
    const stored = yield* store.byId(id)
    if (stored === undefined || scopeText(stored.scope) !== scopeText(scope)) {
      return yield* new KeyUnavailable({ key: id, reason: "unknown" })
    }
    return yield* opened(stored, generation)
  })

  const make = Effect.fnUntraced(function* (scope: KeyScope): Effect.fn.Return<StoredKey, KeyUnavailable> {
    const parent = parentScope(scope)
    yield* store.add(yield* keys.make(scope, parent && (yield* current(parent))))
    const newest = yield* store.newest(scope)
    return newest ?? (yield* Effect.die(new Error("the key store lost a key that was just added")))
  })

  return { current, get, make, forget: (scope?: KeyScope) => Effect.sync(() => cache.forget(scope)) }
})
