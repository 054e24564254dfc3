// What a run writes, up to its limit.
import { Effect, Exit } from "effect"
import type { RunContext } from "../executor.ts"
import type { Recorder } from "../transcript/recorder.ts"
import type { Ending } from "./ending.ts"

interface MeteredOptions {
  readonly recorder: Recorder
  readonly bytesMax: number
  /** What was written before. */
  readonly bytesBefore?: number
  /** Called when more is written than `bytesMax`: whoever writes then waits for the stop. */
  readonly onLimit: Effect.Effect<unknown>
}

/** Records everything up to the limit; `bytes` counts what was written until then, before masking. */
export const meteredOutput = ({ recorder, bytesMax, bytesBefore = 0, onLimit }: MeteredOptions) => {
  let written = bytesBefore
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

/** Records what is still held back, and masks what the ending says. */
export const finishRecording = Effect.fnUntraced(function* (recorder: Recorder, ending: Ending) {
  const finished = yield* Effect.exit(recorder.finish)
  const detail = [
    ...(ending.detail === undefined ? [] : [recorder.masked(ending.detail)]),
    ...(Exit.isSuccess(finished) ? [] : ["The end of its output could not be recorded."])
  ].join(" ")
  return detail === "" ? ending : { ...ending, detail }
})
