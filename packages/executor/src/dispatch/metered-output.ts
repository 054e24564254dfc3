// What a run writes, up to its limit.
import { Effect } from "effect"
import type { RunContext } from "../executor.ts"
import type { Recorder } from "../transcript/recorder.ts"

interface MeteredOptions {
  readonly recorder: Recorder
  readonly bytesMax: number
  /** Called when more is written than `bytesMax`: whoever writes then waits for the stop. */
  readonly onLimit: Effect.Effect<unknown>
}

/** Records everything up to the limit; `bytes` counts what was written until then, before masking. */
export const meteredOutput = ({ recorder, bytesMax, onLimit }: MeteredOptions) => {
  let written = 0
  const write: RunContext["output"] = (stream, bytes) =>
    Effect.suspend(() => {
      const room = bytesMax - written
      const isOver = bytes.length > room
      const kept = isOver ? bytes.subarray(0, room) : bytes
      written += kept.length
      const recorded = recorder.write(stream, kept)
      return isOver ? recorded.pipe(Effect.andThen(onLimit), Effect.andThen(Effect.never)) : recorded
    })
  return { write, bytes: () => written }
}
