// What a command prints: its answer on standard output, as text or as one JSON document; notes on standard error.
import { Effect, Schema } from "effect"
import { Json } from "./global-flags.ts"

/** Nobody reads the output any more (`… | head`). */
export class OutputClosed extends Schema.TaggedError<OutputClosed>()("OutputClosed", {}) {}

/** Bytes exactly as they are; waits while the reader is slow. */
export const writeOut = (bytes: Uint8Array | string): Effect.Effect<void, OutputClosed> => write(process.stdout, bytes)

export const writeError = (bytes: Uint8Array | string): Effect.Effect<void, OutputClosed> =>
  write(process.stderr, bytes)

/** The command's answer: `document` with `--json`, otherwise the text. */
export const answer = Effect.fnUntraced(function* (document: unknown, text: () => string) {
  const isJson = yield* Json
  yield* writeOut(isJson ? `${JSON.stringify(document, null, 2)}\n` : text())
})

/** Something for a person beside the answer; nothing with `--json`. The text is safe to print. */
export const note = Effect.fnUntraced(function* (text: string) {
  const isJson = yield* Json
  if (!isJson) yield* writeError(`${text}\n`)
})

/** Without these a closed pipe ends the program with a stack trace; the failed write itself says so to its caller. */
export const keepClosedPipesQuiet = (): void => {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {})
}

const write = (stream: NodeJS.WriteStream, bytes: Uint8Array | string): Effect.Effect<void, OutputClosed> =>
  Effect.callback((resume) => {
    stream.write(bytes, (error) => resume(error == null ? Effect.void : Effect.fail(new OutputClosed())))
  })
