// Shredding: a data subject's keys are destroyed for good, and with them everything that was sealed under them, in the database and
// in every copy of it.
import type { Actor, OrganisationId } from "@fluxcybers/core"
import { Context, type Effect, type Option, Schema } from "effect"
import type { ErasureJournalFailed } from "./shredding/erasure-journal.ts"

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
 * success, by the shredding's id; `key.destroyed` for each key). A crash at any point loses nothing: the next start goes on where it ended. Repeated, it gives the
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
