// Whether the running fiber is inside a transaction.
import { Context, Effect } from "effect"
import type { SqlClient } from "./sql.ts"

export const isInTransaction = (sql: SqlClient.SqlClient): Effect.Effect<boolean> =>
  Effect.withFiber((fiber) => Effect.succeed(Context.getOption(fiber.context, sql.transactionService)._tag === "Some"))
