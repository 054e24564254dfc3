// How far something long is, on one line of a terminal; nothing where nobody watches.

const INTERVAL_MS = 250

/** Counts steps: `advance()` or `advance(12_000)` for so many at once. */
export const progress = (what: string, of: number): ((done?: number) => void) => {
  let count = 0
  let nextMs = 0
  return (done = count + 1) => {
    count = done
    const isLast = count >= of
    if (!process.stderr.isTTY || (performance.now() < nextMs && !isLast)) return
    nextMs = performance.now() + INTERVAL_MS
    process.stderr.write(`\r${count} of ${of} ${what}${isLast ? "\n" : ""}`)
  }
}
