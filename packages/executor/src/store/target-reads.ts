// Reading targets that are there now: a removed one is only for history.
import { Database, type OrganisationId, orStorageFailure, type TargetId } from "@fluxcybers/core"
import { Array as Arr, Effect, Schema } from "effect"
import type { Target } from "../targets.ts"
import { TargetRow } from "./rows.ts"

/** All of them, in order of name. */
export const listTargets = Effect.fn("Targets.list")(function* (organisation: OrganisationId) {
  const { sql } = yield* Database
  return yield* decode(
    yield* sql`SELECT * FROM executor_targets
      WHERE organisation = ${organisation} AND removed_at IS NULL ORDER BY name`
  )
}, orStorageFailure)

/** By name or by id. */
export const findTarget = Effect.fnUntraced(function* (organisation: OrganisationId, target: string) {
  const { sql } = yield* Database
  const rows = yield* sql`SELECT * FROM executor_targets
    WHERE organisation = ${organisation} AND removed_at IS NULL AND (name = ${target} OR id = ${target})`
  return (yield* decode(rows))[0]
}, orStorageFailure)

/** Those with one of these names or ids. */
export const targetsNamed = Effect.fnUntraced(function* (organisation: OrganisationId, names: ReadonlyArray<string>) {
  const { sql } = yield* Database
  return yield* inChunks(
    names,
    (chunk) => sql`SELECT * FROM executor_targets WHERE organisation = ${organisation} AND removed_at IS NULL
      AND (${sql.in("name", chunk)} OR ${sql.in("id", chunk)})`
  )
}, orStorageFailure)

/** Those with one of these ids, by id. */
export const targetsWithIds = Effect.fn("Targets.current")(function* (
  organisation: OrganisationId,
  ids: ReadonlyArray<TargetId>
) {
  const { sql } = yield* Database
  const found = yield* inChunks(
    ids,
    (chunk) => sql`SELECT * FROM executor_targets
      WHERE organisation = ${organisation} AND removed_at IS NULL AND ${sql.in("id", chunk)}`
  )
  return new Map(found.map((target) => [target.id as string, target]))
}, orStorageFailure)

/** Far below the number of parameters that a statement may have. */
const NAMES_A_QUERY = 500

const inChunks = <E, R>(
  names: ReadonlyArray<string>,
  query: (chunk: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<object>, E, R>
) =>
  Effect.map(
    Effect.forEach(Arr.chunksOf(names, NAMES_A_QUERY), (chunk) => Effect.flatMap(query(chunk), decode)),
    (found) => found.flat()
  )

const decode = (rows: ReadonlyArray<object>) =>
  Effect.map(Effect.orDie(decodeRows(rows)), (decoded) => decoded.map(asTarget))

const decodeRows = Schema.decodeUnknownEffect(Schema.Array(TargetRow))

const asTarget = ({
  host_key,
  jump,
  revoked_keys: revokedKeys,
  passphrase,
  organisation: _,
  added_at: _added,
  removed_at: _removed,
  ...row
}: TargetRow): Target => ({
  ...row,
  ...(jump === null ? {} : { jump }),
  ...(revokedKeys === null ? {} : { revokedKeys }),
  ...(passphrase === null ? {} : { passphrase }),
  hostKey: host_key
})
