// What the audit log says of keys: each one that was destroyed is named there, so that its wrapped bytes cannot come back unnoticed.
import { type AuditLog, Database, type OrganisationId, orStorageFailure } from "@fluxcybers/core"
import { Effect } from "effect"
import type { KeyScope } from "../keys/key-scope.ts"

/** `key.destroyed`: by the shredding of a data subject. `key.retired`: an older version of the organisation's key. */
export const KEY_ACTIONS = ["key.destroyed", "key.retired"] as const

/** Whether the log says that a key was destroyed. The system's key belongs to no organisation and is never destroyed. */
export const isDestroyed = (log: AuditLog["Service"], scope: KeyScope, id: string): Effect.Effect<boolean> =>
  scope.kind === "system"
    ? Effect.succeed(false)
    : Effect.map(
        log.list({ organisation: scope.organisation, object: id, action: KEY_ACTIONS, limit: 1 }),
        ({ length }) => length > 0
      )

/** Of these keys, the ones that can be unwrapped. */
export const wrappedAmong = Effect.fnUntraced(function* (ids: ReadonlyArray<string>) {
  const { sql } = yield* Database
  if (ids.length === 0) return []
  const rows = yield* orStorageFailure(
    sql<{ id: string }>`SELECT id FROM vault_keys WHERE ${sql.in("id", ids)} AND wrapped IS NOT NULL ORDER BY id`
  )
  return rows.map(({ id }) => id)
})

/** Of these shreddings of an organisation, the ones that the database knows. */
export const shreddingsAmong = Effect.fnUntraced(function* (organisation: OrganisationId, ids: ReadonlyArray<string>) {
  const { sql } = yield* Database
  if (ids.length === 0) return []
  const rows = yield* orStorageFailure(sql<{ id: string }>`SELECT id FROM vault_shreddings
    WHERE organisation = ${organisation} AND ${sql.in("id", ids)}`)
  return rows.map(({ id }) => id)
})
