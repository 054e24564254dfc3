// A claimed execution, from its checkpoint to its last run.
import { AuditLog, Database, type ExecutionId } from "@fluxcybers/core"
import { Cause, Deferred, Effect, type Exit, Semaphore } from "effect"
import { Changes } from "../changes.ts"
import { appendChunks, appendEmptyChunks, lastSequence, type TakenOver } from "../store/chunks.ts"
import { findHeader, findRuns } from "../store/execution-reads.ts"
import type { RunRow } from "../store/rows.ts"
import type { GatheredChunk } from "../transcript/recorder.ts"
import { type Claimed, claim, type Held, type Node } from "./claim.ts"
import { abandon } from "./recover.ts"
import { rollOut, skipRest } from "./roll-out.ts"
import { perform } from "./run.ts"
import type { DispatcherSettings } from "./settings.ts"
import { retryStorage } from "./storage-retry.ts"

/** About three seconds of a storage that refuses a piece of output; then the run is stopped. */
const APPEND_ATTEMPTS = 5

/** Claims the execution if it can, and sees it through to its end. */
export const dispatch = Effect.fn("Dispatcher.dispatch")(function* (
  id: ExecutionId,
  self: Node,
  settings: DispatcherSettings
) {
  const claimed = yield* claim(id, self)
  yield* (yield* Changes).announce(id)
  if (claimed === undefined) return
  yield* see(claimed, settings).pipe(Effect.catchCause(letGo(claimed, self)))
})

/** Sees an execution through to its end that another process has begun. */
export const resume = Effect.fn("Dispatcher.resume")(function* (held: Held, settings: DispatcherSettings) {
  yield* seeRuns(held, settings, true).pipe(Effect.catchCause(letGo(held, held)))
})

const see = Effect.fnUntraced(function* (claimed: Claimed, settings: DispatcherSettings) {
  const isProvable = yield* (yield* AuditLog).awaitCheckpoint(claimed.intent).pipe(
    Effect.as(true),
    Effect.catchTag("CheckpointTimeout", () => Effect.succeed(false))
  )
  if (!isProvable) return yield* skipRest(claimed, "not-provable")
  yield* seeRuns(claimed, settings, false)
})

const seeRuns = Effect.fnUntraced(function* (claimed: Held, settings: DispatcherSettings, isResumed: boolean) {
  const { id } = claimed.header
  const cancelled = yield* Deferred.make<void>()
  const takenOver = yield* Deferred.make<void>()
  const last = isResumed ? yield* lastSequence(id).pipe(retryStorage()) : 0
  const { append, canRecord } = yield* appender(claimed, { last, takenOver })
  const rolling = rollOut({
    claimed,
    runs: yield* findRuns(id).pipe(retryStorage()),
    concurrencyDefault: settings.runsMax,
    canRecord,
    perform: (run) => perform({ claimed, run, cancelled, append, isResumed })
  })
  yield* Effect.raceAllFirst([rolling, watchForCancel({ id, cancelled, settings }), Deferred.await(takenOver)])
})

/** A defect of ours must not leave an execution that seems to run for ever. (A stop of the host is left to recovery.) */
const letGo = ({ header }: Held, self: Node) =>
  Effect.fnUntraced(function* (cause: Cause.Cause<never>) {
    if (Cause.hasInterruptsOnly(cause)) return yield* Effect.interrupt
    yield* Effect.logError("An execution was let go: something in the dispatcher broke down.", { execution: header.id })
    yield* (yield* Database).transaction(abandon(header.id, self)).pipe(retryStorage())
    yield* (yield* Changes).announce(header.id)
  })

/** Cancels come from this node (announced) or from another (found by looking). Ends only by interruption. */
const watchForCancel = Effect.fnUntraced(function* (watch: {
  readonly id: ExecutionId
  readonly cancelled: Deferred.Deferred<void>
  readonly settings: DispatcherSettings
}) {
  const bell = yield* (yield* Changes).listen(watch.id)
  const look = Effect.gen(function* () {
    const header = yield* findHeader(watch.id).pipe(retryStorage())
    if (header?.cancel_requested_at) yield* Deferred.succeed(watch.cancelled, undefined)
    yield* bell(watch.settings.lookEveryMs)
  })
  return yield* Effect.forever(look)
}, Effect.scoped)

/** Chunks that wait to be appended together, and what came of it. */
interface Gathering {
  readonly chunks: Array<GatheredChunk>
  exit?: Exit.Exit<void>
}

/**
 * Gives chunks their place in the execution's transcript, whichever run they come from. Those that come while others are being written are written
 * together after them, so that many runs share a transaction. `canRecord` stores an empty piece for each of the runs: whatever would keep their output
 * from being recorded, keeps this.
 */
const appender = Effect.fnUntraced(function* (
  { header, boot }: Held,
  { last, takenOver }: { readonly last: number; readonly takenOver: Deferred.Deferred<void> }
) {
  const context = yield* Effect.context<Effect.Services<ReturnType<typeof appendChunks>>>()
  const changes = yield* Changes
  const turn = yield* Semaphore.make(1)
  const owned = { organisation: header.organisation, execution: header.id, boot }
  let next = last + 1
  let gathering: Gathering = { chunks: [] }
  // Whoever was frozen for so long that another process took over lets go of everything, and stops nothing: here it waits to be interrupted.
  const letGoOfTaken = <R>(storing: Effect.Effect<void, TakenOver, R>) =>
    Effect.catchTag(storing, "TakenOver", () =>
      Effect.andThen(Deferred.succeed(takenOver, undefined), Effect.interruptible(Effect.never))
    )
  const write = Effect.fnUntraced(function* (chunks: ReadonlyArray<GatheredChunk>) {
    yield* appendChunks(
      owned,
      chunks.map((chunk, index) => ({ ...chunk, sequence: next + index }))
    ).pipe(retryStorage(APPEND_ATTEMPTS), letGoOfTaken)
    next += chunks.length
    yield* changes.announceOutput(header.id)
  })
  const writeAll = Effect.fnUntraced(function* (mine: Gathering) {
    if (mine.exit !== undefined) return yield* mine.exit
    // What other connections have received by now comes in first.
    yield* Effect.yieldNow
    gathering = { chunks: [] }
    mine.exit = yield* Effect.exit(write(mine.chunks).pipe(Effect.provideContext(context)))
    return yield* mine.exit
  })
  const append = (chunks: ReadonlyArray<GatheredChunk>) =>
    Effect.suspend(() => {
      gathering.chunks.push(...chunks)
      return turn.withPermit(writeAll(gathering))
    }).pipe(Effect.uninterruptible)
  const canRecord = (runs: ReadonlyArray<RunRow>) =>
    Effect.gen(function* () {
      const places = runs.map(({ id: run }, index) => ({ run, sequence: next + index }))
      yield* appendEmptyChunks(owned, places).pipe(retryStorage(APPEND_ATTEMPTS), letGoOfTaken)
      next += runs.length
      return true
    }).pipe(turn.withPermit, Effect.catchDefect(cannotRecord), Effect.provideContext(context))
  return { append, canRecord }
})

const cannotRecord = (defect: unknown) =>
  Effect.as(Effect.logError("Runs that must be recorded are not started: nothing can be recorded.", defect), false)
