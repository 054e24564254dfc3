// The output of several runs in one: line by line, each behind the name of its target, so that no line is torn by another run.

/** A longer line is passed on in parts, each behind the name. */
const LINE_BYTES_MAX = 64 * 1024
const NEWLINE = 10

/** A piece of output, whatever else is known of it. */
export interface NamedPiece {
  readonly run: string
  readonly stream: "stdout" | "stderr"
  readonly bytes: Uint8Array
}

/** Makes whole, named lines of the pieces of several runs. */
export interface NamedLines<Piece extends NamedPiece> {
  /** The piece with the lines that it completes; `undefined` when it completes none. */
  push(piece: Piece): Piece | undefined
  /** The lines that never got their end. Call it once, after the last piece. */
  rest(): ReadonlyArray<Piece>
}

/** `names`: what stands in front of a run's lines, ready to be shown. A run without a name keeps its id. At most 64 KiB a stream are held back. */
export const namedLines = <Piece extends NamedPiece>(names: ReadonlyMap<string, string>): NamedLines<Piece> => {
  const begun = new Map<string, Piece>()
  const named = (piece: Piece, bytes: Uint8Array): Piece => ({
    ...piece,
    bytes: behindName(Buffer.from(`${names.get(piece.run) ?? piece.run}: `), bytes)
  })
  return {
    push: (piece) => {
      const key = `${piece.run}/${piece.stream}`
      const bytes = Buffer.concat([begun.get(key)?.bytes ?? new Uint8Array(), piece.bytes])
      const end = bytes.length > LINE_BYTES_MAX ? bytes.length : bytes.lastIndexOf(NEWLINE) + 1
      begun.set(key, { ...piece, bytes: bytes.subarray(end) })
      return end === 0 ? undefined : named(piece, bytes.subarray(0, end))
    },
    rest: () => {
      const pieces = [...begun.values()].filter(({ bytes }) => bytes.length > 0)
      begun.clear()
      return pieces.map((piece) => named(piece, piece.bytes))
    }
  }
}

const behindName = (name: Uint8Array, bytes: Uint8Array): Uint8Array => {
  const parts: Array<Uint8Array> = []
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start)
    const end = newline === -1 ? bytes.length : newline + 1
    parts.push(name, bytes.subarray(start, end))
    if (newline === -1) parts.push(Buffer.from([NEWLINE]))
    start = end
  }
  return Buffer.concat(parts)
}
