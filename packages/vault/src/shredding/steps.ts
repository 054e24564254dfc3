// The steps of a shredding (docs/spec/erasure-journal.md §3). Each is committed by itself, and may have been done before.
import { type Actor, AuditLog, Database, orStorageFailure, SubjectRecords } from "@fluxcybers/core"
import { Effect, Option } from "effect"
import { Keyring } from "../keys/keyring.ts"
import type { ShreddingRow } from "../rows.ts"
import { ShreddingRefused, type ShreddingRequest } from "../shredding.ts"
import { makeDestruction } from "./destruction.ts"
import { ErasureJournal } from "./erasure-journal.ts"
import { receiptOf } from "./receipt.ts"
import { entryOf, type Subject, tombstoneStore } from "./tombstones.ts"

/** In which a shredding destroys something by itself. */
const OWN_TABLES = ["vault_keys", "vault_blind_index", "core_audit_aliases"]

export const makeSteps = Effect.gen(function* () {
  const database = yield* Database
  const keyring = yield* Keyring
  const journal = Effect.fromOption(yield* Effect.serviceOption(ErasureJournal)).pipe(
    Effect.mapError(() => new ShreddingRefused({ reason: "no-journal" }))
  )
  const { intend, complete } = yield* makeRecorded
  const destroy = yield* makeDestruction
  const records = yield* Effect.serviceOption(SubjectRecords)
  const tables = [...OWN_TABLES, ...Option.match(records, { onNone: () => [], onSome: (known) => known.tables })]

  return {
    begin: (request: ShreddingRequest) => Effect.andThen(journal, intend(request)),

    finish: Effect.fnUntraced(function* (row: ShreddingRow, actor: Actor) {
      if (row.state === "completed") return receiptOf(row)
      if (row.state === "intended") {
        yield* (yield* journal).append(entryOf(row))
        yield* destroy(row)
      }
      yield* keyring.forget({ kind: "subject", organisation: row.organisation, subject: row.subject })
      yield* scrub(database, tables)
      return receiptOf(yield* complete(row, actor))
    })
  }
})

/** The first and the last step: state and audit entry in one transaction. */
const makeRecorded = Effect.gen(function* () {
  const database = yield* Database
  const log = yield* AuditLog
  const store = tombstoneStore(database)
  const record = (row: ShreddingRow, actor: Actor, outcome: "intent" | "success") =>
    log.record({
      organisation: row.organisation,
      actor,
      action: "subject.shredded",
      object: row.id,
      outcome,
      facts: outcome === "intent" ? {} : { keys: row.keys, tokens: row.tokens }
    })

  const intend = Effect.fnUntraced(function* (request: ShreddingRequest) {
    const entry = yield* store.newEntry({ organisation: request.organisation, subject: request.subject })
    const made = yield* store.intend(entry)
    if (made === undefined) return yield* existing(request)
    yield* record(made, request.actor, "intent")
    return made
  }, database.transaction)

  /** Of two nodes that complete at once, one writes the receipt. */
  const complete = Effect.fnUntraced(function* (row: ShreddingRow, actor: Actor) {
    const completed = yield* store.complete(row.id)
    if (completed !== undefined) {
      for (const object of receiptOf(completed).keyIds) {
        yield* log.record({
          organisation: row.organisation,
          actor,
          action: "key.destroyed",
          object,
          outcome: "success"
        })
      }
      yield* store.keepReceipt(row.id, yield* record(completed, actor, "success"))
    }
    return yield* existing(row)
  }, database.transaction)

  const existing = Effect.fnUntraced(function* (subject: Subject) {
    const row = yield* store.find(subject)
    return row ?? (yield* Effect.die(new Error("a shredding that is there was not found")))
  })

  return { intend, complete }
})

/** Overwritten pages still stand in the write-ahead log of SQLite, old versions of rows in the tables of PostgreSQL. */
const scrub = ({ sql, dialect }: Database["Service"], tables: ReadonlyArray<string>) =>
  (dialect === "sqlite"
    ? sql.unsafe("PRAGMA wal_checkpoint(TRUNCATE)")
    : sql.unsafe(`VACUUM ${tables.join(", ")}`)
  ).pipe(Effect.asVoid, orStorageFailure)
