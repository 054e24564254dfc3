// The statements of shredding. What is left of a data subject's keys is a row without a key: nothing can be added to the scope again.
import { Database, idText, newId, type OrganisationId, orStorageFailure } from "@fluxcybers/core"
import { DateTime, Effect, Schema } from "effect"
import { newKeyId } from "../keys/scope-keys.ts"
import { ShreddingRow } from "../rows.ts"
import type { ErasureEntry } from "./erasure-journal.ts"

const ShreddingId = idText("shredding").pipe(Schema.brand("shredding"))

/** Rows of one page. */
const PAGE_ROWS = 1_000

export interface Subject {
  readonly organisation: OrganisationId
  readonly subject: string
}

/** What the journal keeps of a shredding. */
export const entryOf = ({ organisation, subject, id, intended_at }: ShreddingRow): ErasureEntry => ({
  organisation,
  subject,
  shredding: id,
  at: intended_at
})

export type Tombstones = ReturnType<typeof tombstoneStore>

export const tombstoneStore = (database: Database["Service"]) => ({ ...reads(database), ...writes(database) })

const reads = ({ sql }: Database["Service"]) => ({
  find: ({ organisation, subject }: Subject) =>
    sql`SELECT * FROM vault_shreddings WHERE organisation = ${organisation} AND subject = ${subject}`.pipe(
      rows,
      Effect.map(([row]) => row)
    ),

  /** Those that a crash interrupted. */
  unfinished: sql`SELECT * FROM vault_shreddings WHERE state <> 'completed' ORDER BY id`.pipe(rows),

  /** What was destroyed after the one with this number, in order; at most 1,000. */
  destroyedAfter: (number: number) =>
    sql`SELECT * FROM vault_shreddings WHERE number > ${number} ORDER BY number LIMIT ${PAGE_ROWS}`.pipe(rows),

  lastNumber: sql<{ number: number | bigint | null }>`SELECT MAX(number) AS number FROM vault_shreddings`.pipe(
    orStorageFailure,
    Effect.map(([row]) => Number(row?.number ?? 0))
  )
})

const writes = (database: Database["Service"]) => {
  const { sql } = database
  const intend = Effect.fnUntraced(function* ({ organisation, subject, shredding, at }: ErasureEntry) {
    const row = { id: shredding, organisation, subject, state: "intended", intended_at: at, keys: 0, tokens: 0 }
    return yield* sql`INSERT INTO vault_shreddings ${sql.insert({ ...row, key_ids: "[]" })}
      ON CONFLICT (organisation, subject) DO NOTHING RETURNING *`.pipe(
      rows,
      Effect.map(([made]) => made)
    )
  })
  return {
    /** Nothing when the subject is being shredded already. */
    intend,
    newEntry: Effect.fnUntraced(function* (subject: Subject) {
      const shredding = yield* newId(ShreddingId, "shredding")
      const entry: ErasureEntry = { ...subject, shredding, at: DateTime.formatIso(yield* DateTime.now) }
      return entry
    }),
    /** In a transaction. Destroys every key of the subject and its blind index tokens; done before, it changes nothing. */
    destroy: (subject: Subject) => destroy(database, subject),
    /** In a transaction. Nothing when it was completed before. */
    complete: Effect.fnUntraced(function* (id: string) {
      const now = DateTime.formatIso(yield* DateTime.now)
      return yield* sql`UPDATE vault_shreddings SET state = 'completed', completed_at = ${now}
        WHERE id = ${id} AND state = 'destroyed' RETURNING *`.pipe(
        rows,
        Effect.map(([row]) => row)
      )
    }),
    keepReceipt: (id: string, entry: string) =>
      sql`UPDATE vault_shreddings SET receipt_entry = ${entry} WHERE id = ${id}`.pipe(orStorageFailure, Effect.asVoid)
  }
}

const destroy = Effect.fnUntraced(function* (
  { sql, dialect }: Database["Service"],
  { organisation, subject }: Subject
) {
  const now = DateTime.formatIso(yield* DateTime.now)
  // Waits for keys that are being added by transactions that are still open, and keeps others out until this one ends.
  if (dialect === "postgres") yield* sql`LOCK TABLE vault_keys, vault_shreddings IN SHARE ROW EXCLUSIVE MODE`
  const placeholder = {
    id: newKeyId(),
    scope_kind: "subject",
    organisation,
    subject,
    version: 1,
    state: "destroyed",
    wrapped_by: "",
    wrapped: null,
    created_at: now
  }
  yield* sql`INSERT INTO vault_keys ${sql.insert(placeholder)}
    ON CONFLICT (scope_kind, organisation, subject, version) DO NOTHING`
  const keys = yield* sql<{ id: string }>`UPDATE vault_keys SET wrapped = NULL, state = 'destroyed'
    WHERE scope_kind = 'subject' AND organisation = ${organisation} AND subject = ${subject} AND wrapped IS NOT NULL
    RETURNING id`
  const tokens = yield* sql`DELETE FROM vault_blind_index
    WHERE organisation = ${organisation} AND subject = ${subject} RETURNING row_id`
  const keyIds = JSON.stringify(keys.map(({ id }) => id).sort())
  return yield* sql`UPDATE vault_shreddings SET state = 'destroyed', destroyed_at = ${now}, keys = ${keys.length},
      key_ids = ${keyIds}, tokens = ${tokens.length}, number = (SELECT COALESCE(MAX(number), 0) + 1 FROM vault_shreddings)
    WHERE organisation = ${organisation} AND subject = ${subject} AND state = 'intended' RETURNING *`.pipe(
    rows,
    Effect.map(([row]) => row)
  )
}, orStorageFailure)

/** A row that no release of ours wrote is broken storage. */
const rows = <E>(effect: Effect.Effect<ReadonlyArray<unknown>, E>) =>
  orStorageFailure(effect).pipe(
    Effect.flatMap((found) => Effect.orDie(Schema.decodeUnknownEffect(Schema.Array(ShreddingRow))(found)))
  )
