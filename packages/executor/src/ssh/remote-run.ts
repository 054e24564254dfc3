// One command over a kept connection: start it, hand over its output, learn how it ended, stop it.
import { randomBytes } from "node:crypto"
import { Cause, Effect, Exit, Option, Redacted } from "effect"
import type { CommandResult } from "../command-input.ts"
import type { RunContext } from "../executor.ts"
import { forward } from "../output-source.ts"
import { bytesDigest } from "../pin.ts"
import type { Plan } from "../plan.ts"
import { ConnectionLost, type RunError, type RunFailure, StartRefused, StopUnconfirmed } from "../run-error.ts"
import type { Connection } from "./connection.ts"
import { downloadScript, uploadScript } from "./file-scripts.ts"
import type { RemoteProcess } from "./remote-process.ts"
import { type Header, parseHeader, type Refusal, shellInput, stopCommand } from "./remote-shell.ts"

const NONCE_BYTES = 16
/** What login scripts may print before the command starts; it is dropped. */
const PREAMBLE_BYTES_MAX = 64 * 1024
/** How long a run that is stopped early is given to say which process it started. */
const HEADER_MS_MAX = 5_000
/** A little more than the other side takes to wait, kill, and wait again. */
const STOP_MS_MAX = 12_000

export interface RemoteRun extends Pick<RunContext, "plan" | "stdin" | "output"> {
  readonly connection: Connection
  /** A shell that waits for its program; nothing of the plan has been sent to it. */
  readonly remote: RemoteProcess
  readonly targetName: string
  readonly secretEnv: ReadonlyArray<readonly [name: string, value: Redacted.Redacted]>
  readonly runError: (reason: RunFailure) => RunError
}

/**
 * Runs the command of a plan. Interrupting it stops the command with everything in its process group. It fails with RunErrors itself,
 * because a failure that comes with an interruption does not pass through `mapError` and the like.
 */
export const runRemote = (run: RemoteRun): Effect.Effect<CommandResult, RunError> =>
  Effect.suspend(() => {
    const nonce = randomBytes(NONCE_BYTES).toString("hex")
    const header = headerOf(run.remote, nonce)
    return Effect.acquireUseRelease(
      Effect.sync(() => sendCommand(run, nonce)),
      () => follow(run, header),
      (_, exit) => (Exit.isSuccess(exit) || Cause.hasFails(exit.cause) ? Effect.void : stop(run, header))
    )
  })

const sendCommand = ({ plan, stdin, remote, secretEnv }: RemoteRun, nonce: string) => {
  const secrets = secretEnv.map(([name, value]) => [name, Redacted.value(value)] as const)
  const env = [...Object.entries(plan.env), ...secrets]
  const input = shellInput({ command: shellCommand(plan.command, stdin, nonce), cwd: plan.cwd, env, nonce })
  remote.write(input, () => input.fill(0))
}

/** A file is put on the target, or fetched, by a script of ours. */
const shellCommand = (command: Plan["command"], stdin: Uint8Array = new Uint8Array(), nonce: string) => {
  switch (command._tag) {
    case "Upload":
      return { _tag: "Script", script: uploadScript(command, { digest: bytesDigest(stdin), nonce }) } as const
    case "Download":
      return { _tag: "Script", script: downloadScript(command) } as const
    default:
      return command
  }
}

const follow = Effect.fnUntraced(function* (run: RemoteRun, header: HeaderReader) {
  const { stdin, output, remote, runError } = run
  const answer = yield* header
  const lost = runError(new ConnectionLost({ target: run.targetName }))
  if (answer === undefined) {
    const result = yield* Effect.promise(() => remote.ended)
    return yield* result === undefined ? lost : runError(new StartRefused({ detail: NO_SHELL }))
  }
  if (answer.header._tag === "Refused")
    return yield* runError(new StartRefused({ detail: REFUSALS[answer.header.why] }))
  if (answer.header.isDirectPossible) run.connection.known.isDirectPossible = true
  // Only now, since the shell may have read on behind the end of its program. Whatever is sent here also carries the acknowledgement
  // of the header; without it the server's next packet would wait for a delayed one (Nagle), 40 ms for each command.
  if (stdin !== undefined) remote.write(stdin)
  remote.endInput()
  remote.lingerAfterExit()
  const kept = run.plan.command._tag === "Download" ? "file" : "stdout"
  if (answer.rest.length > 0) yield* output(kept, answer.rest)
  const [result] = yield* Effect.all(
    [
      Effect.promise(() => remote.ended),
      forward(remote.stdout, (bytes) => output(kept, bytes)),
      forward(remote.stderr, (bytes) => output("stderr", bytes))
    ],
    { concurrency: "unbounded" }
  )
  return yield* result === undefined ? lost : Effect.succeed(result)
})

const REFUSALS: Record<Refusal, string> = {
  "no-folder": "the working directory does not exist on the target, or may not be entered.",
  "no-program": "there is no such program on the target, or it may not be executed."
}
const NO_SHELL = "the login shell of the account ended before it ran /bin/sh. Check that the account may run commands."

type HeaderReader = Effect.Effect<{ readonly header: Header; readonly rest: Buffer } | undefined>

/** Reads up to the header, again and again from where it was; `undefined` when the output ends before it. */
const headerOf = (remote: RemoteProcess, nonce: string): HeaderReader => {
  let output = Buffer.alloc(0)
  const read: HeaderReader = Effect.suspend(() => {
    const answer = parseHeader(output, nonce)
    if (answer !== undefined || output.length > PREAMBLE_BYTES_MAX) return Effect.succeed(answer)
    return Effect.flatMap(remote.stdout.next, (piece) => {
      if (piece === undefined) return Effect.undefined
      output = Buffer.concat([output, piece])
      return read
    })
  })
  return read
}

/** Fails unless the other side says that nothing of the command is left. */
const stop = Effect.fnUntraced(function* (
  { connection, remote, targetName, runError }: RemoteRun,
  header: HeaderReader
) {
  if (remote.hasExited()) return
  const unconfirmed = runError(new StopUnconfirmed({ target: targetName }))
  const answer = yield* within(HEADER_MS_MAX, header)
  if (answer?.header._tag === "Refused") return
  if (answer?.header._tag !== "Started") return yield* unconfirmed
  const { pid } = answer.header
  const result = yield* Effect.scoped(
    Effect.gen(function* () {
      const stopping = yield* connection.start(stopCommand(pid))
      return yield* Effect.promise(() => stopping.ended)
    })
  ).pipe(
    Effect.catchTag("ChannelRefused", () => Effect.undefined),
    (stopped) => within(STOP_MS_MAX, stopped)
  )
  if (result?.exitCode !== 0) return yield* unconfirmed
})

/** Cleaning up cannot be interrupted, except for the time that it may take. */
const within = <A>(limitMs: number, effect: Effect.Effect<A>): Effect.Effect<A | undefined> =>
  Effect.interruptible(effect).pipe(Effect.timeoutOption(limitMs), Effect.map(Option.getOrUndefined))
