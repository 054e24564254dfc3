// Asking a target again and again about a run that it holds, for as long as the plan says.
import { Clock, Effect } from "effect"
import type { RunError, RunFailure } from "../run-error.ts"

/** It could not be asked for so long. */
export interface Unasked {
  readonly _tag: "Unasked"
  /** What stood in the way at last. */
  readonly reason: RunFailure
}

const PAUSE_MS_MIN = 200
/** Soon enough after a target is back, and seldom enough for one that stays away. */
const PAUSE_MS_MAX = 15_000
/** A conversation that lasted so long was no flicker: after it, asking begins with short pauses anew. */
const CONVERSATION_MS = 30_000

/** Repeats what fails, until the target has given no answer for `askMs`. With `ConnectionLost` it had answered. */
export const asking = Effect.fnUntraced(function* <A, R>(askMs: number, attempt: Effect.Effect<A, RunError, R>) {
  let silentSinceMs = yield* Clock.currentTimeMillis
  let pauseMs = PAUSE_MS_MIN
  while (true) {
    const begunMs = yield* Clock.currentTimeMillis
    const answer = yield* Effect.result(attempt)
    if (answer._tag === "Success") return answer.success
    const { reason } = answer.failure
    const nowMs = yield* Clock.currentTimeMillis
    if (reason._tag === "ConnectionLost") silentSinceMs = nowMs
    if (nowMs - silentSinceMs >= askMs) return { _tag: "Unasked", reason } satisfies Unasked as Unasked
    if (nowMs - begunMs >= CONVERSATION_MS) pauseMs = PAUSE_MS_MIN
    yield* Effect.sleep(Math.min(pauseMs, askMs - (nowMs - silentSinceMs)))
    pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX)
  }
})
