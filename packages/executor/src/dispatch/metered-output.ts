// What a run writes, up to its limit, and the file that it fetches.
import { createHash } from "node:crypto"
import { Effect, Exit } from "effect"
import type { FetchedFile } from "../execution.ts"
import type { RunContext } from "../executor.ts"
import type { Plan } from "../plan.ts"
import type { Recorder } from "../transcript/recorder.ts"
import type { Ending } from "./ending.ts"

interface MeteredOptions {
  readonly recorder: Recorder
  readonly plan: Plan
  /** What was written before. */
  readonly bytesBefore?: number
  /** Called when more is written than `outputBytesMax`: whoever writes then waits for the stop. */
  readonly onLimit: Effect.Effect<unknown>
}

/** Records everything up to the limit. */
export const meteredOutput = ({ recorder, plan, bytesBefore = 0, onLimit }: MeteredOptions) => {
  const { command, outputBytesMax } = plan
  const file = { hash: createHash("sha256"), bytes: 0 }
  let written = bytesBefore
  const write: RunContext["output"] = (stream, bytes) =>
    Effect.suspend(() => {
      if (stream === "file" && command._tag !== "Download") return Effect.die(new Error(NO_DOWNLOAD))
      const room = outputBytesMax - written - file.bytes
      const isOver = bytes.length > room
      const kept = isOver ? bytes.subarray(0, room) : bytes
      if (stream === "file") {
        file.hash.update(kept)
        file.bytes += kept.length
      } else written += kept.length
      const recorded = recorder.write(stream, kept)
      return isOver ? recorded.pipe(Effect.andThen(onLimit), Effect.andThen(Effect.never)) : recorded
    })
  return {
    write,
    /** What was written until then, before masking, without the file. */
    bytes: () => written,
    /** The file as it was received; call it once, at the end. */
    file: (): FetchedFile => ({ bytes: file.bytes, digest: file.hash.digest("hex") })
  }
}

const NO_DOWNLOAD = "the executor hands over a file, and its plan fetches none"

/** Records what is still held back, and masks what the ending says. */
export const finishRecording = Effect.fnUntraced(function* (recorder: Recorder, ending: Ending) {
  const finished = yield* Effect.exit(recorder.finish)
  const detail = [
    ...(ending.detail === undefined ? [] : [recorder.masked(ending.detail)]),
    ...(Exit.isSuccess(finished) ? [] : ["The end of its output could not be recorded."])
  ].join(" ")
  return detail === "" ? ending : { ...ending, detail }
})
