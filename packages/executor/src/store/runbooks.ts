// Runbooks and their versions. A version is added and never changed.
import { Database, type OrganisationId, orStorageFailure, type RunbookId } from "@fluxcybers/core"
import { Effect, Schema } from "effect"
import { RunbookRow, RunbookVersionRow } from "./runbook-rows.ts"

export type StoredRunbook = typeof RunbookRow.Type
export type StoredRunbookVersion = typeof RunbookVersionRow.Type

/** Of one organisation, or of one runbook. */
const LIST_MAX = 1_000
const HISTORY_MAX = 200

const decodeRunbooks = (rows: ReadonlyArray<object>) =>
  Effect.orDie(Schema.decodeUnknownEffect(Schema.Array(RunbookRow))(rows))
const decodeVersions = (rows: ReadonlyArray<object>) =>
  Effect.orDie(Schema.decodeUnknownEffect(Schema.Array(RunbookVersionRow))(rows))

/** By name (those that are retired have none any more) or by id. */
export const findRunbook = Effect.fnUntraced(function* (organisation: OrganisationId, runbook: string) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT * FROM executor_runbooks WHERE organisation = ${organisation}
    AND (id = ${runbook} OR (name = ${runbook} AND retired_at IS NULL))`
  return (yield* decodeRunbooks(rows))[0]
}, orStorageFailure)

/** In order of name; with the retired ones where that is wanted. */
export const listRunbooks = Effect.fnUntraced(function* (organisation: OrganisationId, withRetired: boolean) {
  const { sql } = yield* Database
  const conditions = [sql`organisation = ${organisation}`, ...(withRetired ? [] : [sql`retired_at IS NULL`])]
  return yield* decodeRunbooks(
    yield* sql`SELECT * FROM executor_runbooks WHERE ${sql.and(conditions)} ORDER BY name, id LIMIT ${LIST_MAX}`
  )
}, orStorageFailure)

/** False when there is one of this name already. */
export const insertRunbook = Effect.fnUntraced(function* (runbook: StoredRunbook) {
  const { sql } = yield* Database
  const row = yield* Effect.orDie(Schema.encodeEffect(RunbookRow)(runbook))
  const added = yield* sql`INSERT INTO executor_runbooks ${sql.insert(row)} ON CONFLICT DO NOTHING RETURNING id`
  return added.length === 1
}, orStorageFailure)

/** The next version, if this one is still the newest. */
export const raiseRunbookVersion = Effect.fnUntraced(function* ({
  id,
  version
}: Pick<StoredRunbook, "id" | "version">) {
  const { sql } = yield* Database
  const rows = yield* sql`UPDATE executor_runbooks SET version = ${version + 1}
    WHERE id = ${id} AND version = ${version} AND retired_at IS NULL RETURNING id`
  return rows.length === 1
}, orStorageFailure)

/** False when it was retired before. */
export const retireRunbook = Effect.fnUntraced(function* (id: RunbookId, at: string) {
  const { sql } = yield* Database
  const rows = yield* sql`UPDATE executor_runbooks SET retired_at = ${at}
    WHERE id = ${id} AND retired_at IS NULL RETURNING id`
  return rows.length === 1
}, orStorageFailure)

export const insertRunbookVersion = Effect.fnUntraced(function* (version: StoredRunbookVersion) {
  const { sql } = yield* Database
  const row = yield* Effect.orDie(Schema.encodeEffect(RunbookVersionRow)(version))
  yield* sql`INSERT INTO executor_runbook_versions ${sql.insert(row)}`
}, orStorageFailure)

export const findRunbookVersion = Effect.fnUntraced(function* (id: RunbookId, version: number) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT * FROM executor_runbook_versions WHERE runbook = ${id} AND version = ${version}`
  return (yield* decodeVersions(rows))[0]
}, orStorageFailure)

/** Newest first. */
export const listRunbookVersions = Effect.fnUntraced(function* (id: RunbookId) {
  const { sql } = yield* Database
  return yield* decodeVersions(
    yield* sql`SELECT * FROM executor_runbook_versions WHERE runbook = ${id} ORDER BY version DESC LIMIT ${HISTORY_MAX}`
  )
}, orStorageFailure)
