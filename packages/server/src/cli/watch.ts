// Following an execution to its end: its output as it comes, through dropped connections and restarts of the server.
import type { ExecutionId } from "@fluxcybers/core"
import type { Execution } from "@fluxcybers/executor"
import { Clock, Effect, Ref, Stream } from "effect"
import type { CallApi } from "./api.ts"
import { CliFailure } from "./failure.ts"
import { isPassing, PAUSES_MS } from "./patience.ts"
import { isSettled } from "./run-outcome.ts"

/** A connection that held so long was a good one. */
const LASTING_MS = 10_000

/** A piece of output, its bytes as the remote command wrote them (known secrets masked). */
export interface OutputPiece {
  readonly run: string
  readonly stream: "stdout" | "stderr"
  /** Since that run started. */
  readonly atMs: number
  readonly bytes: Uint8Array
}

export interface Watcher<E, R> {
  readonly onOutput: (piece: OutputPiece) => Effect.Effect<void, E, R>
  readonly onRuns?: (
    runs: ReadonlyArray<{ readonly run: string; readonly state: Execution["runs"][number]["state"] }>
  ) => Effect.Effect<void, E, R>
  readonly onState?: (state: Execution["state"]) => Effect.Effect<void, E, R>
}

/** Follows it until it has ended, and gives it as it is then. Every piece of output comes once, in order. */
export const watch = Effect.fnUntraced(function* <E, R>(api: CallApi, id: ExecutionId, watcher: Watcher<E, R>) {
  const seen = yield* Ref.make(0)
  let failures = 0
  while (true) {
    const before = { seen: yield* Ref.get(seen), atMs: yield* Clock.currentTimeMillis }
    const opened = yield* Effect.result(follow({ api, id, watcher, seen }))
    if (opened._tag === "Failure" && !isPassing(opened.failure)) return yield* Effect.fail(opened.failure)
    const current = yield* Effect.result(api((client) => client.executions.show({ params: { id } })))
    if (current._tag === "Success" && isSettled(current.success.state) && opened._tag === "Success") {
      return current.success
    }
    if (current._tag === "Failure" && !isPassing(current.failure)) return yield* current.failure
    const isLasting = (yield* Clock.currentTimeMillis) - before.atMs >= LASTING_MS
    failures = isLasting || (yield* Ref.get(seen)) > before.seen ? 0 : failures + 1
    const pauseMs = PAUSES_MS[failures]
    if (pauseMs === undefined) return yield* lostSight(id)
    yield* Effect.sleep(pauseMs)
  }
})

interface Following<E, R> {
  readonly api: CallApi
  readonly id: ExecutionId
  readonly watcher: Watcher<E, R>
  readonly seen: Ref.Ref<number>
}

/** One connection: from the last piece seen to the end of the stream. */
const follow = Effect.fnUntraced(function* <E, R>({ api, id, watcher, seen }: Following<E, R>) {
  const after = yield* Ref.get(seen)
  const events = yield* api((client) =>
    client.executions.events({ params: { id }, query: after === 0 ? {} : { after } })
  )
  yield* Stream.runForEach(Stream.mapError(events, interrupted), (event) =>
    Effect.gen(function* () {
      if (event._tag === "Problem") return yield* interrupted()
      if (event._tag === "State") return yield* watcher.onState?.(event.state) ?? Effect.void
      if (event._tag === "Runs") return yield* watcher.onRuns?.(event.runs) ?? Effect.void
      if (event.sequence <= (yield* Ref.get(seen))) return
      yield* watcher.onOutput({ ...event, bytes: Buffer.from(event.bytes, "base64") })
      yield* Ref.set(seen, event.sequence)
    })
  )
})

const interrupted = (): CliFailure =>
  new CliFailure({ exit: "unreachable", code: "stream-interrupted", title: "Stream interrupted", detail: "" })

const lostSight = (id: ExecutionId): CliFailure =>
  new CliFailure({
    exit: "unreachable",
    code: "lost-sight",
    title: "Connection lost",
    detail:
      "The connection to the server was lost, and it did not come back. The execution goes on without this program.\n" +
      `Later: fluxcybers executions show ${id}`
  })
