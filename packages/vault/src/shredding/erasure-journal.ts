// The erasure journal: which data subjects' keys were destroyed, kept outside the database, so that an older copy of the database
// cannot bring one back (docs/spec/erasure-journal.md).
import { OrganisationId } from "@fluxcybers/core"
import { Context, type Effect, Schema } from "effect"

/** One data subject whose keys are to be destroyed wherever a copy of them turns up. */
export const ErasureEntry = Schema.Struct({
  organisation: OrganisationId,
  /** The pseudonym. */
  subject: Schema.NonEmptyString,
  /** The id of the shredding. */
  shredding: Schema.String,
  /** ISO 8601: when it was asked for. */
  at: Schema.String
})
export type ErasureEntry = typeof ErasureEntry.Type

/** The journal cannot be trusted or written. Nothing was changed. */
export class ErasureJournalFailed extends Schema.TaggedError<ErasureJournalFailed>()("ErasureJournalFailed", {
  path: Schema.String,
  reason: Schema.Literals(["damaged", "unusable"]),
  detail: Schema.String
}) {
  override get message() {
    return `The erasure journal ${this.path} ${this.detail} Nothing was changed.`
  }
}

/** Where erasures are kept besides the database. */
export class ErasureJournal extends Context.Service<
  ErasureJournal,
  {
    /** Returns once the entry is on disk. An erasure that is there already is not written again. */
    append(entry: ErasureEntry): Effect.Effect<void, ErasureJournalFailed>
    readonly entries: Effect.Effect<ReadonlyArray<ErasureEntry>, ErasureJournalFailed>
  }
>()("fluxcybers/vault/ErasureJournal") {}
