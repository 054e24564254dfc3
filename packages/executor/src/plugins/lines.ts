// Lines of bounded length out of a stream, pulled: whoever does not take them lets the writer wait.
import type { Readable } from "node:stream"
import { LINE_BYTES_MAX } from "./messages.ts"

/** The other side sent a line that is longer than any message. */
class LineTooLong extends Error {}

const NEWLINE = 0x0a

/** Throws `LineTooLong`. What stands behind the last newline is dropped: its writer died. */
export async function* linesOf(stream: Readable): AsyncGenerator<string, void> {
  let waiting: ReadonlyArray<Buffer> = []
  let bytes = 0
  for await (const piece of stream as AsyncIterable<Buffer>) {
    let rest = piece
    for (let at = rest.indexOf(NEWLINE); at >= 0; at = rest.indexOf(NEWLINE)) {
      yield Buffer.concat([...waiting, rest.subarray(0, at)]).toString("utf8")
      waiting = []
      bytes = 0
      rest = rest.subarray(at + 1)
    }
    bytes += rest.length
    if (bytes > LINE_BYTES_MAX) throw new LineTooLong(`A line has more than ${LINE_BYTES_MAX} bytes.`)
    waiting = [...waiting, rest]
  }
}
