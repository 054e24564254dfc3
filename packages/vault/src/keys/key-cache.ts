// The unwrapped keys that this process remembers: by the scope that they seal for, and by their id.
import type { KeyId, SealingKey } from "../blob/sealed-blob.ts"
import { type CacheLimits, ExpiringCache } from "./expiring-cache.ts"
import { type KeyScope, scopeText } from "./key-scope.ts"
import type { StoredKey } from "./key-store.ts"

export class KeyCache {
  readonly #current: ExpiringCache<string, SealingKey>
  readonly #byId: ExpiringCache<string, SealingKey>
  #generation = 0

  constructor(limits: CacheLimits) {
    this.#current = new ExpiringCache(limits)
    this.#byId = new ExpiringCache(limits)
  }

  /** Counts `forget`. Read it before the store is read: what was read before a `forget` must not be remembered after it. */
  get generation(): number {
    return this.#generation
  }

  current(scope: KeyScope, nowMs: number): SealingKey | undefined {
    return this.#current.get(scopeText(scope), nowMs)
  }

  get(scope: KeyScope, id: KeyId, nowMs: number): SealingKey | undefined {
    return this.#byId.get(nameInScope(scope, id), nowMs)
  }

  remember(stored: StoredKey, key: SealingKey, read: { readonly nowMs: number; readonly generation: number }): void {
    if (read.generation !== this.#generation) return
    this.#byId.set(nameInScope(stored.scope, stored.id), key, read.nowMs)
    if (stored.state === "current") this.#current.set(scopeText(stored.scope), key, read.nowMs)
  }

  /** Drops the keys whose time is over. */
  sweep(nowMs: number): void {
    for (const cache of [this.#current, this.#byId]) cache.sweep(nowMs)
  }

  /** The keys of one scope, or all of them. */
  forget(scope?: KeyScope): void {
    this.#generation++
    const prefix = scope === undefined ? "" : `${scopeText(scope)}/`
    for (const cache of [this.#current, this.#byId]) cache.deleteWhere((name) => `${name}/`.startsWith(prefix))
  }
}

const nameInScope = (scope: KeyScope, id: KeyId): string => `${scopeText(scope)}/${id}`
