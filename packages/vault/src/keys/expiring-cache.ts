// A bounded cache whose entries also expire: a key that was destroyed elsewhere must not stay usable here for long.

export interface CacheLimits {
  readonly entriesMax: number
  readonly ttlMs: number
}

interface Entry<V> {
  readonly value: V
  readonly expiresAtMs: number
}

/** Drops the least recently used entry when it is full. The time comes from the caller. */
export class ExpiringCache<K, V> {
  readonly #limits: CacheLimits
  readonly #entries = new Map<K, Entry<V>>()

  constructor(limits: CacheLimits) {
    this.#limits = limits
  }

  get(key: K, nowMs: number): V | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    this.#entries.delete(key)
    if (entry.expiresAtMs <= nowMs) return undefined
    this.#entries.set(key, entry)
    return entry.value
  }

  set(key: K, value: V, nowMs: number): void {
    this.#entries.delete(key)
    const oldest = this.#entries.keys().next()
    if (this.#entries.size >= this.#limits.entriesMax && !oldest.done) this.#entries.delete(oldest.value)
    this.#entries.set(key, { value, expiresAtMs: nowMs + this.#limits.ttlMs })
  }

  /** Drops what has expired, also what nobody asks for. */
  sweep(nowMs: number): void {
    for (const [key, { expiresAtMs }] of this.#entries) if (expiresAtMs <= nowMs) this.#entries.delete(key)
  }

  deleteWhere(isStale: (key: K) => boolean): void {
    for (const key of this.#entries.keys()) if (isStale(key)) this.#entries.delete(key)
  }
}
