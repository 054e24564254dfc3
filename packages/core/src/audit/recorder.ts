// Writing entries. Inside a transaction an entry is part of it. Outside of one, entries of many fibers share a commit: whoever comes
// while the last commit is under way goes with the next.
import { Deferred, Effect, Exit, Queue } from "effect"
import { Database } from "../database/database.ts"
import { isInTransaction } from "../database/transaction.ts"
import type { EntryRow } from "./entry.ts"
import { insertEntries } from "./log-store.ts"

const COMMIT_ENTRIES_MAX = 1_000
/** Fibers that may wait for a commit; the next ones wait to wait. */
const WAITING_MAX = 10_000

interface Waiting {
  readonly row: EntryRow
  readonly done: Deferred.Deferred<void>
}

/** `write` returns when the entry is committed, or, inside a transaction, when it is part of that. `onCommitted` runs after each commit. */
export const makeRecorder = Effect.fnUntraced(function* (onCommitted: Effect.Effect<void>) {
  const database = yield* Database
  const { sql, transaction } = database
  const queue = yield* Queue.bounded<Waiting>(WAITING_MAX)

  const commitTogether = Effect.gen(function* () {
    let batch: ReadonlyArray<Waiting> = []
    const exit = yield* Effect.exit(
      transaction(
        Effect.gen(function* () {
          // Taken only now: whoever came while this transaction waited for its turn goes with it.
          batch = yield* Queue.takeBetween(queue, 1, COMMIT_ENTRIES_MAX)
          yield* insertEntries(
            database,
            batch.map(({ row }) => row)
          )
        })
      )
    )
    for (const { done } of batch) Deferred.doneUnsafe(done, exit)
    if (Exit.isSuccess(exit)) yield* onCommitted
  })
  yield* Effect.addFinalizer(() =>
    Effect.flatMap(Queue.clear(queue), (waiting) => Effect.forEach(waiting, ({ done }) => Deferred.interrupt(done)))
  )
  yield* Queue.peek(queue).pipe(
    Effect.andThen(Effect.uninterruptible(commitTogether)),
    Effect.forever,
    Effect.forkScoped
  )

  return Effect.fnUntraced(function* (row: EntryRow) {
    if (yield* isInTransaction(sql)) {
      yield* insertEntries(database, [row])
      return yield* sql.afterCommit(onCommitted)
    }
    const done = Deferred.makeUnsafe<void>()
    yield* Queue.offer(queue, { row, done })
    return yield* Deferred.await(done)
  })
})
