// One visit to the folder of a recoverable run: send the program, read the answer.
import { randomBytes } from "node:crypto"
import { Effect } from "effect"
import { ConnectionLost, type RunFailure, StartRefused, TargetUnreachable } from "../run-error.ts"
import type { RemoteProcess } from "./remote-process.ts"
import { programInput } from "./remote-shell.ts"
import { type SpoolAnswer, spoolAnswer } from "./spool-program.ts"

const NONCE_BYTES = 16
/** What login scripts may print before the answer; it is dropped. */
const PREAMBLE_BYTES_MAX = 64 * 1024

/** An answer, and what of the command's own output came with it. */
export interface Answered {
  readonly answer: SpoolAnswer
  readonly rest: Buffer
}

export const visitNonce = (): string => randomBytes(NONCE_BYTES).toString("hex")

/** Sends a program to a shell that waits for one. It may hold secrets, and is wiped once it is sent. */
export const sendProgram = (remote: RemoteProcess, program: string, nonce: string): void => {
  const input = programInput(program, nonce)
  remote.write(input, () => input.fill(0))
}

/** The next answer; fails when the shell ends without one. */
export const readAnswer = Effect.fnUntraced(function* (
  remote: RemoteProcess,
  {
    nonce,
    target,
    before = Buffer.alloc(0)
  }: { readonly nonce: string; readonly target: string; readonly before?: Buffer }
): Effect.fn.Return<Answered, RunFailure> {
  let output = before
  while (true) {
    const start = output.indexOf(`${nonce} `)
    const end = start < 0 ? -1 : output.indexOf("\n", start)
    if (end >= 0) {
      const answer = spoolAnswer(output.toString("latin1", start + nonce.length + 1, end))
      if (answer === undefined) return yield* new StartRefused({ detail: NO_ANSWER })
      return { answer, rest: output.subarray(end + 1) }
    }
    const piece = output.length > PREAMBLE_BYTES_MAX ? undefined : yield* remote.stdout.next
    if (piece === undefined) break
    output = Buffer.concat([output, piece])
  }
  const result = yield* Effect.promise(() => remote.ended)
  // A shell that was killed may have done its work; one that ended by itself would have said so.
  return yield* result?.exitCode === undefined
    ? new TargetUnreachable({ target, code: "dropped" })
    : new StartRefused({ detail: NO_ANSWER })
})

const NO_ANSWER =
  "the login shell of the account ended before /bin/sh gave an answer. Check that the account may run commands."

/** The connection is gone, though the target had answered, or may have begun. */
export const lost = (target: string): ConnectionLost => new ConnectionLost({ target })
