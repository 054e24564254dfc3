// The processes on this database, and what each has claimed.
import { Database, ExecutionId, orStorageFailure } from "@fluxcybers/core"
import { Effect, Schema } from "effect"
import { instant } from "../instant.ts"
import { NodeRow } from "./rows.ts"

interface Node {
  readonly node: string
  readonly boot: string
}

/** Enters a new start of a node. */
export const enterNode = Effect.fnUntraced(function* (self: Node) {
  const { sql } = yield* Database
  const now = yield* instant()
  const row = { ...self, started_at: now, heartbeat_at: now }
  yield* sql`INSERT INTO executor_nodes ${sql.insert(row)} ON CONFLICT (node) DO UPDATE
    SET boot = excluded.boot, started_at = excluded.started_at, heartbeat_at = excluded.heartbeat_at`
}, orStorageFailure)

/** The starts of a node that have something claimed and not settled, but for one. */
export const claimingBoots = Effect.fnUntraced(function* (node: string, except?: string) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT DISTINCT claimed_by AS node, claimed_boot AS boot FROM executor_executions
    WHERE state = 'running' AND claimed_by = ${node} AND claimed_boot <> ${except ?? ""}`
  return yield* Effect.orDie(decodeNodes(rows))
}, orStorageFailure)

const decodeNodes = Schema.decodeUnknownEffect(
  Schema.Array(Schema.Struct({ node: Schema.String, boot: Schema.String }))
)

/** A sign of life; false when another process has started under the same name. */
export const beat = Effect.fnUntraced(function* ({ node, boot }: Node) {
  const { sql } = yield* Database
  const rows = yield* sql`UPDATE executor_nodes SET heartbeat_at = ${yield* instant()}
    WHERE node = ${node} AND boot = ${boot} RETURNING node`
  return rows.length === 1
}, orStorageFailure)

export const otherNodes = Effect.fnUntraced(function* ({ node }: Node) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT * FROM executor_nodes WHERE node <> ${node}`
  return yield* Effect.orDie(Schema.decodeUnknownEffect(Schema.Array(NodeRow))(rows))
}, orStorageFailure)

/** What that start of that node has claimed and not settled. */
export const claimedBy = Effect.fnUntraced(function* ({ node, boot }: Node) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT id FROM executor_executions
    WHERE state = 'running' AND claimed_by = ${node} AND claimed_boot = ${boot} ORDER BY id`
  return (yield* Effect.orDie(decodeIds(rows))).map(({ id }) => id)
}, orStorageFailure)

/** What can be started, oldest first. */
export const grantedExecutions = Effect.fnUntraced(function* (limit: number) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT id FROM executor_executions WHERE state = 'granted' ORDER BY id LIMIT ${limit}`
  return (yield* Effect.orDie(decodeIds(rows))).map(({ id }) => id)
}, orStorageFailure)

/** What has waited too long, for a decision or for its start. */
export const overdueExecutions = Effect.fnUntraced(function* (limit: number) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT id FROM executor_executions
    WHERE state IN ('pending', 'granted') AND expires_at <= ${yield* instant()} ORDER BY id LIMIT ${limit}`
  return (yield* Effect.orDie(decodeIds(rows))).map(({ id }) => id)
}, orStorageFailure)

const decodeIds = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ id: ExecutionId })))
