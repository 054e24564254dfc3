// Failed attempts to get in, by network address. Tokens and owner links hold 256 random bits, so nobody guesses one; the limit keeps
// a program that tries anyway from filling the log and the processor. Kept in memory: a restart forgets them.

const ATTEMPTS_MAX = 20
const WINDOW_MS = 60_000
const ADDRESSES_MAX = 10_000

interface Window {
  readonly endsAtMs: number
  count: number
}

export class FailedAttempts {
  readonly #windows = new Map<string, Window>()
  readonly #nowMs: () => number

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  count(address: string): void {
    const now = this.#nowMs()
    const window = this.#windows.get(address)
    if (window !== undefined && window.endsAtMs > now) {
      window.count++
      return
    }
    this.#windows.delete(address)
    const oldest = this.#windows.keys().next().value
    if (this.#windows.size >= ADDRESSES_MAX && oldest !== undefined) this.#windows.delete(oldest)
    this.#windows.set(address, { endsAtMs: now + WINDOW_MS, count: 1 })
  }

  /** Seconds until the address may try again; 0 when it may now. */
  retryAfterSeconds(address: string): number {
    const window = this.#windows.get(address)
    const leftMs = window === undefined ? 0 : window.endsAtMs - this.#nowMs()
    return window === undefined || window.count < ATTEMPTS_MAX || leftMs <= 0 ? 0 : Math.ceil(leftMs / 1_000)
  }
}
