// Shredding: a data subject's keys are destroyed for good, and with them everything that was sealed under them, in the database and
// in every copy of it.
import { type Actor, AuditLog, Database, type OrganisationId, orStorageFailure, SystemActor } from "@fluxcybers/core"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { Keyring } from "./keys/keyring.ts"
import type { ShreddingRow } from "./rows.ts"
import { type ErasureEntry, ErasureJournal, type ErasureJournalFailed } from "./shredding/erasure-journal.ts"
import { type Subject, tombstoneStore } from "./shredding/tombstones.ts"

/** The shredding was refused. Nothing was destroyed. */
export class ShreddingRefused extends Schema.TaggedError<ShreddingRefused>()("ShreddingRefused", {
  reason: Schema.Literals(["no-journal", "invalid-subject"])
}) {
  override get message() {
    return `${REFUSALS[this.reason]} Nothing was destroyed.`
  }
}

const REFUSALS = {
  "no-journal":
    "This vault has no erasure journal, so an older copy of the database could bring the key back. Give it one (erasureJournalFileLayer).",
  "invalid-subject": "A data subject's pseudonym has 1 to 1,024 bytes."
} as const

/** Whose keys, and who asks. */
export interface ShreddingRequest {
  readonly organisation: OrganisationId
  /** The pseudonym. */
  readonly subject: string
  readonly actor: Actor
}

/** What was destroyed, and where the log says so. */
export interface ShreddingReceipt {
  /** `shredding_…`: the object of its two audit entries. */
  readonly id: string
  readonly organisation: OrganisationId
  readonly subject: string
  /** Ids of the keys that were destroyed; none when the subject never had one. */
  readonly keyIds: ReadonlyArray<string>
  /** Blind index tokens that were deleted. */
  readonly tokens: number
  readonly intendedAt: string
  readonly destroyedAt: string
  readonly completedAt: string
  /** The audit entry of the completion. */
  readonly entry: string
}

/**
 * `shred` destroys a data subject's keys: intent in the log; erasure journal on disk; keys overwritten and blind index tokens deleted;
 * unwrapped keys forgotten (here at once, on other nodes within a second); receipt in the log (`subject.shredded`, as intent and as
 * success, by the shredding's id). A crash at any point loses nothing: the next start goes on where it ended. Repeated, it gives the
 * first receipt. The pseudonym can never have a key again.
 *
 * Never inside a transaction: each step is committed by itself.
 *
 * Copies outside are beyond it: backups and archived write-ahead logs hold the wrapped key until they expire. Whoever restores one
 * must put the newest erasure journal beside it: it is replayed before anything is served.
 */
export class Shredding extends Context.Service<
  Shredding,
  {
    shred(request: ShreddingRequest): Effect.Effect<ShreddingReceipt, ShreddingRefused | ErasureJournalFailed>
    /** The receipt of a completed shredding. */
    receipt(subject: Omit<ShreddingRequest, "actor">): Effect.Effect<Option.Option<ShreddingReceipt>>
  }
>()("fluxcybers/vault/Shredding") {}

/** `Shredding` in the database. At its start it finishes what a crash interrupted. */
export const shreddingLayer: Layer.Layer<
  Shredding,
  ShreddingRefused | ErasureJournalFailed,
  Database | AuditLog | Keyring
> = Layer.effect(
  Shredding,
  Effect.gen(function* () {
    const store = tombstoneStore(yield* Database)
    const { begin, finish } = yield* makeSteps
    for (const row of yield* store.unfinished) yield* finish(row, new SystemActor({ component: "vault" }))
    return Shredding.of({
      shred: Effect.fn("Shredding.shred")(function* (request) {
        yield* checkSubject(request.subject)
        const row = yield* begin(request)
        return yield* finish(row, request.actor)
      }),
      receipt: (subject) =>
        Effect.map(store.find(subject), (row) =>
          row?.state === "completed" ? Option.some(receiptOf(row)) : Option.none()
        )
    })
  })
)

const SUBJECT_BYTES_MAX = 1_024

const checkSubject = (subject: string) => {
  const bytes = subject.isWellFormed() ? Buffer.byteLength(subject) : 0
  return bytes > 0 && bytes <= SUBJECT_BYTES_MAX
    ? Effect.void
    : Effect.fail(new ShreddingRefused({ reason: "invalid-subject" }))
}

const makeSteps = Effect.gen(function* () {
  const database = yield* Database
  const log = yield* AuditLog
  const keyring = yield* Keyring
  const journal = yield* Effect.serviceOption(ErasureJournal)
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

  const begin = Effect.fnUntraced(function* (request: ShreddingRequest) {
    if (Option.isNone(journal)) return yield* new ShreddingRefused({ reason: "no-journal" })
    const entry = yield* store.newEntry({ organisation: request.organisation, subject: request.subject })
    return yield* database.transaction(
      Effect.gen(function* () {
        const made = yield* store.intend(entry)
        if (made === undefined) return yield* existing(request)
        yield* record(made, request.actor, "intent")
        return made
      })
    )
  })

  const existing = (subject: Subject) =>
    Effect.flatMap(store.find(subject), (row) =>
      row === undefined ? Effect.die(new Error("a shredding that is there was not found")) : Effect.succeed(row)
    )

  /** Of two nodes that complete at once, one writes the receipt. */
  const complete = (row: ShreddingRow, actor: Actor) =>
    database.transaction(
      Effect.gen(function* () {
        const completed = yield* store.complete(row.id)
        if (completed !== undefined) yield* store.keepReceipt(row.id, yield* record(completed, actor, "success"))
        return yield* existing(row)
      })
    )

  /** Every step may have been done before. */
  const finish = Effect.fnUntraced(function* (row: ShreddingRow, actor: Actor) {
    if (row.state === "completed") return receiptOf(row)
    if (row.state === "intended") {
      if (Option.isNone(journal)) return yield* new ShreddingRefused({ reason: "no-journal" })
      yield* journal.value.append(entryOf(row))
      yield* database.transaction(store.destroy(row))
    }
    yield* keyring.forget({ kind: "subject", organisation: row.organisation, subject: row.subject })
    yield* scrub(database)
    return receiptOf(yield* complete(row, actor))
  })

  return { begin, finish }
})

/** Overwritten pages still stand in the write-ahead log of SQLite, old versions of rows in the tables of PostgreSQL. */
const scrub = ({ sql, dialect }: Database["Service"]) =>
  (dialect === "sqlite" ? sql.unsafe("PRAGMA wal_checkpoint(TRUNCATE)") : sql.unsafe("VACUUM vault_keys")).pipe(
    Effect.asVoid,
    orStorageFailure
  )

const entryOf = ({ organisation, subject, id, intended_at }: ShreddingRow): ErasureEntry => ({
  organisation,
  subject,
  shredding: id,
  at: intended_at
})

const KeyIds = Schema.fromJsonString(Schema.Array(Schema.String))

const receiptOf = (row: ShreddingRow): ShreddingReceipt => ({
  id: row.id,
  organisation: row.organisation,
  subject: row.subject,
  keyIds: Schema.decodeSync(KeyIds)(row.key_ids),
  tokens: row.tokens,
  intendedAt: row.intended_at,
  destroyedAt: row.destroyed_at ?? "",
  completedAt: row.completed_at ?? "",
  entry: row.receipt_entry ?? ""
})
