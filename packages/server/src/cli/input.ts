// Bytes that a command takes in: from a file, from standard input, or typed without echo. Never from an argument, which every
// program on the machine can read.
import { closeSync, openSync, readSync } from "node:fs"
import { Effect, Redacted } from "effect"
import { type CliFailure, usageFailure } from "./failure.ts"
import { fileErrorText } from "./file-error.ts"
import { Questions, requireTerminal } from "./questions.ts"

const CHUNK_BYTES = 64 * 1024

/** The whole file; `-` is standard input. Fails when it is larger than `bytesMax`. */
export const readBytes = (path: string, bytesMax: number): Effect.Effect<Uint8Array, CliFailure> =>
  Effect.try({
    try: () => readUpTo(path, bytesMax),
    catch: (cause) =>
      usageFailure(
        `${path === "-" ? "Standard input" : path} could not be read: ${fileErrorText(cause)}. Nothing was done.`
      )
  })

/** A secret's bytes: `file`, or standard input, or the person types it twice. */
export const readSecret = Effect.fnUntraced(function* (from: {
  readonly file: string | undefined
  readonly isStdin: boolean
  readonly what: string
  readonly bytesMax: number
}) {
  if (from.file !== undefined && from.isStdin) return yield* usageFailure("Use --file or --stdin, not both.")
  if (from.file !== undefined) return Redacted.make(yield* readBytes(from.file, from.bytesMax))
  if (from.isStdin) return Redacted.make(yield* readBytes("-", from.bytesMax))
  yield* requireTerminal(`The value of ${from.what}`, "Give it with --stdin or --file.")
  return yield* askTwice(from.what)
})

const askTwice = Effect.fnUntraced(function* (what: string) {
  const { askHidden } = yield* Questions
  const first = yield* askHidden(`Value of ${what} (not shown): `)
  const second = yield* askHidden("The same again: ")
  if (Redacted.value(first) !== Redacted.value(second)) {
    return yield* usageFailure("The two values are not the same. Nothing was sent.")
  }
  return Redacted.make(new TextEncoder().encode(Redacted.value(first)))
})

const readUpTo = (path: string, bytesMax: number): Uint8Array => {
  const handle = path === "-" ? process.stdin.fd : openSync(path, "r")
  try {
    const chunks: Array<Uint8Array> = []
    let size = 0
    while (true) {
      const chunk = new Uint8Array(CHUNK_BYTES)
      const read = readSync(handle, chunk)
      if (read === 0) return Buffer.concat(chunks)
      size += read
      if (size > bytesMax) throw new Error(`it has more than ${bytesMax} bytes`)
      chunks.push(chunk.subarray(0, read))
    }
  } finally {
    if (path !== "-") closeSync(handle)
  }
}
