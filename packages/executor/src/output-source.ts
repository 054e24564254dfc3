// Output of a process as it comes, pulled at the pace of whoever records it.
import type { Readable } from "node:stream"
import { Effect } from "effect"

/** Pieces that wait to be taken before the stream is paused: enough to keep a fast stream flowing, little memory. */
const WAITING_PIECES_MAX = 8
/** After the exit, so long a silence means that a process in the background holds the stream open. */
const SILENCE_MS_MAX = 300
/** After the exit, so much waiting in all is given to whatever a process in the background still writes. */
const LINGER_MS_MAX = 3_000

export interface OutputSource {
  /** The next piece; `undefined` at the end. One taker at a time. */
  readonly next: Effect.Effect<Uint8Array | undefined>
  /** The process has exited: what it wrote is still taken, but the stream is not waited for longer than a short grace. */
  exited(): void
}

export const outputSource = (readable: Readable): OutputSource => {
  const waiting: Array<Uint8Array> = []
  const grace = exitGrace()
  let isEnded = false
  let wake: () => void = () => {}

  const end = () => {
    isEnded = true
    wake()
  }
  readable.once("end", end).once("close", end).once("error", end)
  readable.on("data", (piece: Uint8Array) => {
    waiting.push(piece)
    if (waiting.length >= WAITING_PIECES_MAX) readable.pause()
    wake()
  })

  const arrival = Effect.callback<void>((resume) => {
    const stopWaiting = () => {
      wake = () => {}
      grace.stop()
    }
    wake = () => {
      if (waiting.length === 0 && !isEnded) return grace.start(end)
      stopWaiting()
      resume(Effect.void)
    }
    wake()
    return Effect.sync(stopWaiting)
  })

  const next: OutputSource["next"] = Effect.suspend(() => {
    const piece = waiting.shift()
    if (piece === undefined) return isEnded ? Effect.undefined : Effect.andThen(arrival, next)
    if (waiting.length === 0) readable.resume()
    return Effect.succeed(piece)
  })

  return {
    next,
    exited: () => {
      grace.begin()
      wake()
    }
  }
}

/** Measures how long was waited after the exit; before the exit, waiting has no end. */
const exitGrace = () => {
  let leftMs: number | undefined
  let startedMs = 0
  let timer: NodeJS.Timeout | undefined
  return {
    begin: () => {
      leftMs = LINGER_MS_MAX
    },
    start: (giveUp: () => void) => {
      if (leftMs === undefined || timer !== undefined) return
      startedMs = performance.now()
      timer = setTimeout(giveUp, Math.max(0, Math.min(SILENCE_MS_MAX, leftMs)))
    },
    stop: () => {
      if (leftMs === undefined || timer === undefined) return
      leftMs -= performance.now() - startedMs
      clearTimeout(timer)
      timer = undefined
    }
  }
}

/** Hands over every piece, and waits while the taker is behind. */
export const forward = Effect.fnUntraced(function* (
  source: OutputSource,
  handOver: (piece: Uint8Array) => Effect.Effect<void>
) {
  for (let piece = yield* source.next; piece !== undefined; piece = yield* source.next) yield* handOver(piece)
})
