// Work that the server does, and of which it says how far it is: shown while it goes on, then its report.
import { Effect, Option, Stream } from "effect"
import { CliFailure } from "./failure.ts"
import { progress } from "./progress.ts"

interface Problem {
  readonly _tag: "Problem"
  readonly code: string
  readonly detail: string
}

type Told<P, R> =
  | (P & { readonly _tag: "Progress"; readonly of: number })
  | { readonly _tag: "Report"; readonly report: R }
  | Problem

/** The report at the end of the messages; `done` is how far a message says that the work is. */
export const reported = Effect.fnUntraced(function* <P, R>(
  messages: Stream.Stream<Told<P, R>, unknown>,
  { what, done }: { readonly what: string; done(progress: P): number }
) {
  let show: ((done?: number) => void) | undefined
  const last = yield* messages.pipe(
    Stream.mapError(interrupted),
    Stream.tap((message: Told<P, R>) =>
      Effect.sync(() => {
        if (message._tag !== "Progress") return
        show ??= progress(what, message.of)
        show(done(message))
      })
    ),
    Stream.runLast
  )
  if (Option.isNone(last) || last.value._tag === "Progress") return yield* interrupted()
  return last.value._tag === "Report" ? last.value.report : yield* notFinished(last.value)
})

const notFinished = ({ code, detail }: Problem): CliFailure =>
  new CliFailure({ exit: "failure", code, title: "Not finished", detail })

const interrupted = (): CliFailure =>
  new CliFailure({
    exit: "unreachable",
    code: "stream-interrupted",
    title: "Not finished",
    detail:
      "The server stopped, or the connection was lost, before the work was done. Nothing was changed. Begin it again."
  })
