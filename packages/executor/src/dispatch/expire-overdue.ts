// What waited too long, for a decision or for its start, expires.
import { Database, type ExecutionId } from "@fluxcybers/core"
import { Effect } from "effect"
import { Changes } from "../changes.ts"
import { expireExecution } from "../gate/close.ts"
import { instant } from "../instant.ts"
import { lockExecution } from "../store/execution-writes.ts"
import { overdueExecutions } from "../store/nodes.ts"

/** A look takes at most so many; the rest comes with the next. */
const BATCH = 100

export const expireOverdue = Effect.gen(function* () {
  const { transaction } = yield* Database
  const changes = yield* Changes
  for (const id of yield* overdueExecutions(BATCH)) {
    yield* transaction(expire(id))
    yield* changes.announce(id)
  }
})

const expire = Effect.fnUntraced(function* (id: ExecutionId) {
  const header = yield* lockExecution(id)
  const isWaiting = header?.state === "pending" || header?.state === "granted"
  if (isWaiting && header.expires_at <= (yield* instant())) yield* expireExecution(header)
})
