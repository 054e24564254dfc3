// Whether the running fiber is inside a transaction.
import { Context, Effect, type Fiber, Option } from "effect"
import type { SqlClient } from "./sql.ts"

export const isInTransaction = (sql: SqlClient.SqlClient): Effect.Effect<boolean> =>
  Effect.withFiber((fiber) => Effect.succeed(transactionOf(fiber, sql) !== undefined))

/** The level of the transaction that the fiber is in: another one for each savepoint. */
export const transactionOf = (fiber: Fiber.Fiber<unknown, unknown>, sql: SqlClient.SqlClient): object | undefined =>
  Option.getOrUndefined(Context.getOption(fiber.context, sql.transactionService))
