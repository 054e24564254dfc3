// Remote output on this program's own streams: of one run byte for byte; of several, line by line behind the target's name.
import { Effect } from "effect"
import { type OutputClosed, writeError, writeOut } from "./output.ts"
import { visible } from "./visible-text.ts"
import type { OutputPiece } from "./watch.ts"

/** A longer line is passed on in parts, each behind the name. */
const LINE_BYTES_MAX = 64 * 1024
const NEWLINE = 10

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
): LiveOutput => (isRaw || names.size < 2 ? { write, finish: Effect.void } : new NamedLines(names, write))

const ownStreams = ({ stream, bytes }: OutputPiece): Effect.Effect<void, OutputClosed> =>
  stream === "stdout" ? writeOut(bytes) : writeError(bytes)

class NamedLines implements LiveOutput {
  readonly #names: ReadonlyMap<string, string>
  readonly #begun = new Map<string, OutputPiece>()

  readonly #write: Write

  constructor(names: ReadonlyMap<string, string>, write: Write) {
    this.#names = names
    this.#write = write
  }

  readonly write = (piece: OutputPiece): Effect.Effect<void, OutputClosed> => {
    const key = `${piece.run}/${piece.stream}`
    const bytes = Buffer.concat([this.#begun.get(key)?.bytes ?? new Uint8Array(), piece.bytes])
    const end = bytes.length > LINE_BYTES_MAX ? bytes.length : bytes.lastIndexOf(NEWLINE) + 1
    this.#begun.set(key, { ...piece, bytes: bytes.subarray(end) })
    return this.#lines(piece, bytes.subarray(0, end))
  }

  readonly finish = Effect.suspend(() => {
    const rest = [...this.#begun.values()].filter(({ bytes }) => bytes.length > 0)
    this.#begun.clear()
    return Effect.forEach(rest, (piece) => this.#lines(piece, piece.bytes), { discard: true })
  })

  #lines(piece: OutputPiece, bytes: Uint8Array): Effect.Effect<void, OutputClosed> {
    if (bytes.length === 0) return Effect.void
    const name = Buffer.from(`${visible(this.#names.get(piece.run) ?? piece.run)}: `)
    const parts: Array<Uint8Array> = []
    for (let start = 0; start < bytes.length; ) {
      const newline = bytes.indexOf(NEWLINE, start)
      const end = newline === -1 ? bytes.length : newline + 1
      parts.push(name, bytes.subarray(start, end))
      if (newline === -1) parts.push(Buffer.from([NEWLINE]))
      start = end
    }
    return this.#write({ ...piece, bytes: Buffer.concat(parts) })
  }
}
