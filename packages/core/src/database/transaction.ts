// Whether the running fiber is inside a transaction.
import { Context, Effect, type Fiber } from "effect"
import type { SqlClient } from "./sql.ts"

export const isInTransaction = (sql: SqlClient.SqlClient): Effect.Effect<boolean> =>
  Effect.withFiber((fiber) => Effect.succeed(isInTransactionOf(fiber, sql)))

export const isInTransactionOf = (fiber: Fiber.Fiber<unknown, unknown>, sql: SqlClient.SqlClient): boolean =>
  Context.getOption(fiber.context, sql.transactionService)._tag === "Some"
