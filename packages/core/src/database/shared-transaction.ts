// Small transactions that come at the same time share one: a commit waits for the disk, and a hundred runs would wait a hundred times.
import { Effect, Exit, Semaphore } from "effect"
import type { SqlClient } from "./sql.ts"
import { isInTransaction } from "./transaction.ts"

/** So many share a transaction; the others go with the next. */
const SHARED_BY_MAX = 500

interface Part {
  readonly effect: Effect.Effect<unknown>
  exit?: Exit.Exit<unknown>
}

type Transaction = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** `Database.shared`, over the transactions of one client. */
export const sharing = (sql: SqlClient.SqlClient, transaction: Transaction) => {
  const turn = Semaphore.makeUnsafe(1)
  const waiting: Array<Part> = []
  const settled = Effect.fnUntraced(function* (part: Part) {
    // On SQLite nothing else gets to run while a transaction does: what is ready by now comes in first.
    if (part.exit === undefined) yield* Effect.yieldNow
    while (part.exit === undefined) yield* settle(transaction, waiting.splice(0, SHARED_BY_MAX))
  })
  return Effect.fnUntraced(function* <A, R>(effect: Effect.Effect<A, never, R>): Effect.fn.Return<A, never, R> {
    if (yield* isInTransaction(sql)) return yield* transaction(effect)
    const part: Part = { effect: Effect.provideContext(effect, yield* Effect.context<R>()) }
    waiting.push(part)
    yield* turn.withPermit(settled(part)).pipe(Effect.uninterruptible)
    return yield* part.exit as Exit.Exit<A>
  })
}

/** Each has a savepoint of its own: what breaks in one is undone alone. When the commit breaks, it broke for all. */
const settle = Effect.fnUntraced(function* (transaction: Transaction, parts: ReadonlyArray<Part>) {
  const together = yield* Effect.exit(
    transaction(Effect.forEach(parts, ({ effect }) => Effect.exit(transaction(effect))))
  )
  for (const [at, part] of parts.entries()) part.exit = Exit.isSuccess(together) ? together.value[at]! : together
})
