// Work that the server does, and of which it says how far it is: shown while it goes on, then its report.
import { Effect, Option, Stream } from "effect"
import { CliFailure } from "./failure.ts"
import { progress } from "./progress.ts"

interface Told<Report> {
  readonly _tag: "Progress" | "Report" | "Problem"
  readonly of?: number
  readonly report?: Report
  readonly code?: string
  readonly detail?: string
}

/** The report at the end of the messages; `done` is how far a message says that the work is. */
export const reported = Effect.fnUntraced(function* <M extends Told<unknown>, E>(
  messages: Stream.Stream<M, E>,
  { what, done }: { readonly what: string; readonly done: (message: Extract<M, { _tag: "Progress" }>) => number }
) {
  let show: ((done?: number) => void) | undefined
  const last = yield* messages.pipe(
    Stream.mapError(interrupted),
    Stream.tap((message) =>
      Effect.sync(() => {
        if (message._tag !== "Progress") return
        show ??= progress(what, message.of ?? 0)
        show(done(message as Extract<M, { _tag: "Progress" }>))
      })
    ),
    Stream.runLast
  )
  if (Option.isNone(last) || last.value._tag !== "Report") return yield* notFinished(Option.getOrUndefined(last))
  return (last.value as Extract<M, { _tag: "Report" }>).report
})

/** The server may have said why. */
const notFinished = (last: Told<unknown> | undefined): CliFailure =>
  last?.code === undefined || last.detail === undefined
    ? interrupted()
    : new CliFailure({ exit: "failure", code: last.code, title: "Not finished", detail: last.detail })

const interrupted = (): CliFailure =>
  new CliFailure({
    exit: "unreachable",
    code: "stream-interrupted",
    title: "Not finished",
    detail: "The server stopped, or the connection was lost, before the work was done. Nothing was changed. Begin it again."
  })
