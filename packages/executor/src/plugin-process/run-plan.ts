// One run in a plugin's process: its secrets and its output pass through the host.
import { SecretDenied, SecretReader } from "@fluxcybers/core"
import { Cause, Deferred, Effect, Exit, Fiber, Redacted } from "effect"
import type { Executor, OutputStream } from "../executor.ts"
import type { HostMessage, PluginMessage } from "../plugins/messages.ts"
import type { RunError } from "../run-error.ts"
import { brief, type Send } from "./send.ts"

type Started = Extract<HostMessage, { readonly _tag: "Run" | "Check" }>

/** A run that goes on. */
export interface Run {
  tell(message: HostMessage): void
}

/** Output is cut into messages of this size. */
const PIECE_BYTES_MAX = 1024 * 1024

export const runPlan = (executor: Executor, started: Started, send: Send): Run => {
  const secrets = hostSecrets(send)
  const work = workOf(executor, started, send).pipe(Effect.scoped, Effect.provideService(SecretReader, secrets.reader))
  const fiber = Effect.runFork(work)
  fiber.addObserver((exit) => void send(endOf(exit)))
  return {
    tell: (message) => {
      if (message._tag === "Stop") Effect.runFork(Fiber.interrupt(fiber))
      else secrets.answer(message)
    }
  }
}

const workOf = (executor: Executor, { target, ...started }: Started, send: Send) => {
  if (started._tag === "Check") {
    return Effect.as(executor.check?.({ target }) ?? Effect.void, { isSuccess: true, output: undefined })
  }
  const { run, plan, stdin } = started
  const output = (stream: OutputStream, bytes: Uint8Array) =>
    Effect.forEach(pieces(bytes), (piece) => Effect.promise(() => send({ _tag: "Output", stream, bytes: piece })), {
      discard: true
    })
  return executor.run({ run, plan, target, stdin, output })
}

const pieces = (bytes: Uint8Array): ReadonlyArray<Uint8Array> =>
  Array.from({ length: Math.ceil(bytes.length / PIECE_BYTES_MAX) }, (_, index) =>
    bytes.subarray(index * PIECE_BYTES_MAX, (index + 1) * PIECE_BYTES_MAX)
  )

type WorkExit = Exit.Exit<{ readonly isSuccess: boolean; readonly output: unknown }, RunError>

const endOf = (exit: WorkExit): PluginMessage => {
  if (Exit.isSuccess(exit)) return { _tag: "Succeeded", ...exit.value, output: exit.value.output ?? null }
  const failure = Cause.findErrorOption(exit.cause)
  if (Cause.hasDies(exit.cause)) return { _tag: "BrokeDown", detail: brief(Cause.squash(exit.cause)) }
  if (failure._tag === "Some") return { _tag: "Failed", reason: failure.value.reason }
  return { _tag: "Stopped" }
}

/** The values that the host gives: asked for one by one, and kept nowhere. */
const hostSecrets = (send: Send) => {
  const waiting = new Map<number, Deferred.Deferred<Redacted.Redacted<Uint8Array>, SecretDenied>>()
  let asked = 0
  const reveal = Effect.fnUntraced(function* (secret: string) {
    const request = asked++
    const answer = yield* Deferred.make<Redacted.Redacted<Uint8Array>, SecretDenied>()
    waiting.set(request, answer)
    yield* Effect.promise(() => send({ _tag: "Reveal", request, secret }))
    return yield* Deferred.await(answer)
  })
  const answer = (message: HostMessage): void => {
    if (message._tag !== "Secret" && message._tag !== "SecretRefused") return
    const deferred = waiting.get(message.request)
    waiting.delete(message.request)
    if (deferred === undefined) return
    const exit = message._tag === "Secret" ? Exit.succeed(Redacted.make(message.value)) : Exit.fail(message.reason)
    Deferred.doneUnsafe(deferred, exit)
  }
  return { reader: SecretReader.of({ reveal }), answer }
}
