// Output of a process as it comes, pulled at the pace of whoever records it.
import type { Readable } from "node:stream"
import { Effect } from "effect"

/** Pieces that wait to be taken before the stream is paused: enough to keep a fast stream flowing, little memory. */
const WAITING_PIECES_MAX = 8
/**
 * After the exit, a second of silence means that a process in the background holds the stream open, and five seconds of waiting in all
 * are given to whatever it still writes. Counted in ticks, so that a process that was busy itself does not take that for silence.
 */
const TICK_MS = 100
const SILENT_TICKS_MAX = 10
const LINGER_TICKS_MAX = 50

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

/** Counts how long was waited after the exit; before the exit, waiting has no end. */
const exitGrace = () => {
  let isExited = false
  let ticks = 0
  let timer: NodeJS.Timeout | undefined
  return {
    begin: () => {
      isExited = true
    },
    start: (giveUp: () => void) => {
      if (!isExited || timer !== undefined) return
      let silentTicks = 0
      timer = setInterval(() => {
        silentTicks++
        ticks++
        if (silentTicks >= SILENT_TICKS_MAX || ticks >= LINGER_TICKS_MAX) giveUp()
      }, TICK_MS)
    },
    stop: () => {
      clearInterval(timer)
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
