// The statements of rotation: what runs, what is left, and the keys that another key wraps.
import { Database, idText, newId, orStorageFailure } from "@fluxcybers/core"
import { DateTime, Effect, Schema } from "effect"
import type { KeyId } from "../blob/sealed-blob.ts"
import type { StoredKey } from "../keys/key-store.ts"
import { decodeKey, rowOf } from "../keys/sql-key-store.ts"
import { RotationRow } from "../rows.ts"
import { counted } from "./sealed-column.ts"

const RotationId = idText("rotation").pipe(Schema.brand("rotation"))
/** Rotations that a status shows. */
const SHOWN = 10

export type NewRotation = Pick<RotationRow, "scope_kind" | "organisation" | "subject" | "from_key" | "to_key" | "total">

/** What a pass over keys or values did. `failed`: what did not open, and stays as it is. */
export interface Passed {
  readonly done: number
  readonly failed: number
}

export const NOTHING: Passed = { done: 0, failed: 0 }

export const added = (left: Passed, right: Passed): Passed => ({
  done: left.done + right.done,
  failed: left.failed + right.failed
})

/** A key that is wrapped anew. */
export interface Rewrapped {
  readonly id: KeyId
  readonly wrapped: Uint8Array
}

export const rotationStore = (database: Database["Service"]) => ({ ...rotations(database), ...keys(database) })

const rotations = ({ sql }: Database["Service"]) => ({
  /** In a transaction. Nothing when one of the same scope is running. */
  start: Effect.fnUntraced(function* (rotation: NewRotation) {
    const id = yield* newId(RotationId, "rotation")
    const row = {
      ...rotation,
      id,
      state: "running",
      done: 0,
      failed: 0,
      started_at: DateTime.formatIso(yield* DateTime.now)
    }
    return yield* first(sql`INSERT INTO vault_rotations ${sql.insert(row)} ON CONFLICT DO NOTHING RETURNING *`)
  }),
  progress: (id: string, done: number) =>
    sql`UPDATE vault_rotations SET done = done + ${done} WHERE id = ${id}`.pipe(orStorageFailure, Effect.asVoid),
  /** In a transaction. Nothing when another node completed it. */
  complete: Effect.fnUntraced(function* (id: string, failed: number) {
    const now = DateTime.formatIso(yield* DateTime.now)
    return yield* first(sql`UPDATE vault_rotations SET state = 'completed', completed_at = ${now}, failed = ${failed}
      WHERE id = ${id} AND state = 'running' RETURNING *`)
  }),
  running: decoded(sql`SELECT * FROM vault_rotations WHERE state = 'running' ORDER BY id`),
  newest: (organisation: string) =>
    decoded(sql`SELECT * FROM vault_rotations WHERE organisation = ${organisation} ORDER BY id DESC LIMIT ${SHOWN}`),
  /** The last rotation that took a key version out of use. */
  from: (key: KeyId) => first(sql`SELECT * FROM vault_rotations WHERE from_key = ${key} ORDER BY id DESC LIMIT 1`),
  count: counted(sql`SELECT COUNT(*) AS n FROM vault_rotations`)
})

const keys = ({ sql, dialect }: Database["Service"]) => ({
  /** In a transaction: no key is made, wrapped or destroyed by anybody else until it ends. */
  lock: dialect === "postgres" ? orStorageFailure(sql`LOCK TABLE vault_keys IN SHARE ROW EXCLUSIVE MODE`) : Effect.void,
  wrappedBy: (wrapper: string, page: { readonly after: string; readonly limit: number }) =>
    sql`SELECT * FROM vault_keys WHERE wrapped_by = ${wrapper} AND id > ${page.after} AND wrapped IS NOT NULL
      ORDER BY id LIMIT ${page.limit}`.pipe(
      orStorageFailure,
      Effect.flatMap((rows) => Effect.forEach(rows, decodeKey))
    ),
  countWrappedBy: (wrapper: string) =>
    counted(sql`SELECT COUNT(*) AS n FROM vault_keys WHERE wrapped_by = ${wrapper} AND wrapped IS NOT NULL`),
  /** False when it was destroyed, or wrapped by somebody else, in the meantime. */
  rewrap: ({ id, wrapped }: Rewrapped, { from, to }: { readonly from: string; readonly to: string }) =>
    changed(sql`UPDATE vault_keys SET wrapped = ${wrapped}, wrapped_by = ${to}
      WHERE id = ${id} AND wrapped_by = ${from} AND wrapped IS NOT NULL RETURNING id`),
  setAside: (id: KeyId) =>
    changed(sql`UPDATE vault_keys SET state = 'retired' WHERE id = ${id} AND state = 'current' RETURNING id`),
  add: (key: StoredKey) =>
    changed(sql`INSERT INTO vault_keys ${sql.insert(rowOf(key))} ON CONFLICT DO NOTHING RETURNING id`),
  destroy: (id: KeyId) =>
    changed(
      sql`UPDATE vault_keys SET state = 'destroyed', wrapped = NULL WHERE id = ${id} AND state = 'retired' RETURNING id`
    )
})

const changed = <E>(rows: Effect.Effect<ReadonlyArray<unknown>, E>) =>
  Effect.map(orStorageFailure(rows), ({ length }) => length === 1)

const decoded = <E>(rows: Effect.Effect<ReadonlyArray<unknown>, E>) =>
  Effect.flatMap(orStorageFailure(rows), (found) =>
    Effect.orDie(Schema.decodeUnknownEffect(Schema.Array(RotationRow))(found))
  )

const first = <E>(rows: Effect.Effect<ReadonlyArray<unknown>, E>) => Effect.map(decoded(rows), ([row]) => row)
