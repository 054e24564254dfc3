// Which other processes on a database are gone. Told by this process's own clock, from when it first saw a sign of life: clocks of two
// machines need not agree.

/** How often a process gives a sign of life: milliseconds. */
export const SIGN_OF_LIFE_EVERY_MS = 10_000
/** Whoever gave no new sign of life for so long is gone, unless told. */
const GONE_AFTER_MS = 60_000

/** The newest sign of life of each process, by its name. A sign may be anything that changes with each one. */
export type SignsOfLife = Iterable<readonly [name: string, sign: string]>

/**
 * Remembers signs from one look to the next: the returned function takes those that stand there now and answers the names whose sign has
 * stayed the same for a minute, or for `goneAfterMs`. Names that are missing are forgotten.
 */
export const makeGoneWatch = (
  goneAfterMs = GONE_AFTER_MS
): ((signs: SignsOfLife, nowMs: number) => ReadonlySet<string>) => {
  let seen = new Map<string, { readonly sign: string; readonly atMs: number }>()
  return (signs, nowMs) => {
    const next: typeof seen = new Map()
    const gone = new Set<string>()
    for (const [name, sign] of signs) {
      const last = seen.get(name)
      const first = last?.sign === sign ? last : { sign, atMs: nowMs }
      next.set(name, first)
      if (nowMs - first.atMs >= goneAfterMs) gone.add(name)
    }
    seen = next
    return gone
  }
}
