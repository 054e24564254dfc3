// Remote output on this program's own streams: of one run byte for byte; of several, line by line behind the target's name.
import { namedLines } from "@fluxcybers/executor"
import { Effect } from "effect"
import { type OutputClosed, writeError, writeOut } from "./output.ts"
import { visible } from "./visible-text.ts"
import type { OutputPiece } from "./watch.ts"

export interface LiveOutput {
  readonly write: (piece: OutputPiece) => Effect.Effect<void, OutputClosed>
  /** Lines that never got their end. */
  readonly finish: Effect.Effect<void, OutputClosed>
}

type Write = LiveOutput["write"]

/** `names`: the target's name by run. With one entry, or with `isRaw`, bytes pass as they come. */
export const liveOutput = (
  names: ReadonlyMap<string, string>,
  isRaw: boolean,
  write: Write = ownStreams
): LiveOutput => (isRaw || names.size < 2 ? { write, finish: Effect.void } : linesBehindNames(names, write))

const ownStreams = ({ stream, bytes }: OutputPiece): Effect.Effect<void, OutputClosed> =>
  stream === "stdout" ? writeOut(bytes) : writeError(bytes)

const linesBehindNames = (names: ReadonlyMap<string, string>, write: Write): LiveOutput => {
  const lines = namedLines<OutputPiece>(new Map(Array.from(names, ([run, name]) => [run, visible(name)])))
  return {
    write: (piece) => {
      const whole = lines.push(piece)
      return whole === undefined ? Effect.void : write(whole)
    },
    finish: Effect.suspend(() => Effect.forEach(lines.rest(), write, { discard: true }))
  }
}
