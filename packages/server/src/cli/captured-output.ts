// Output kept for `--json`: per run and stream, in base64, up to a limit for all of it together.
import type { Run } from "@fluxcybers/executor"
import type { OutputPiece } from "./watch.ts"

/** One JSON document has to fit into the memory of whoever reads it. */
const CAPTURED_BYTES_MAX = 16 * 1024 * 1024

export interface CapturedOutput {
  readonly run: string
  readonly target: string
  /** Base64 of the bytes. */
  readonly stdout: string
  readonly stderr: string
  /** False when there was more than fits; `executions replay --raw` gives all of it. */
  readonly isComplete: boolean
}

export class OutputCapture {
  readonly #pieces: Array<OutputPiece> = []
  readonly #cut = new Set<string>()
  #bytes = 0

  add(piece: OutputPiece): void {
    if (this.#bytes + piece.bytes.length > CAPTURED_BYTES_MAX) this.#cut.add(piece.run)
    if (this.#cut.has(piece.run)) return
    this.#bytes += piece.bytes.length
    this.#pieces.push(piece)
  }

  of(runs: ReadonlyArray<Run>): ReadonlyArray<CapturedOutput> {
    return runs.map(({ id, targetName }) => ({
      run: id,
      target: targetName,
      stdout: this.#base64(id, "stdout"),
      stderr: this.#base64(id, "stderr"),
      isComplete: !this.#cut.has(id)
    }))
  }

  #base64(run: string, stream: OutputPiece["stream"]): string {
    const pieces = this.#pieces.filter((piece) => piece.run === run && piece.stream === stream)
    return Buffer.concat(pieces.map(({ bytes }) => bytes)).toString("base64")
  }
}
