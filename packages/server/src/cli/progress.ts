// How far something long is, on one line of a terminal; nothing where nobody watches.
import { Clock, Effect } from "effect"
import { Json } from "./global-flags.ts"

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

const TICK_MS = 1_000
const CLEAR_LINE = "\r\u001b[K"

/** Says how long something has been going on elsewhere, until it ends; nothing with `--json`. */
export const waitingFor = Effect.fnUntraced(function* <A, E, R>(what: string, work: Effect.Effect<A, E, R>) {
  if (!process.stderr.isTTY || (yield* Json)) return yield* work
  const begunMs = yield* Clock.currentTimeMillis
  const tick = Effect.gen(function* () {
    yield* Effect.sleep(TICK_MS)
    const seconds = Math.round(((yield* Clock.currentTimeMillis) - begunMs) / 1_000)
    process.stderr.write(`\r${what}: ${seconds} s`)
  })
  return yield* work.pipe(
    Effect.raceFirst(Effect.forever(tick)),
    Effect.ensuring(Effect.sync(() => process.stderr.write(CLEAR_LINE)))
  )
})
