// How long the log keeps what its entries say. Hashes, tiles and checkpoints stay for ever, so that every proof still verifies.
import { Context, type DateTime, type Effect, Schema } from "effect"
import type { Actor } from "../actor.ts"
import { idText, type OrganisationId } from "../ids.ts"
import type { CheckpointTimeout } from "./audit-log.ts"

/** The id of a hold: `hold_…`. */
export const AuditHoldId = idText("hold").pipe(Schema.brand("hold"))
export type AuditHoldId = typeof AuditHoldId.Type

/** A hold as it was placed. */
export const AuditHold = Schema.Struct({
  id: AuditHoldId,
  object: Schema.optionalKey(Schema.String),
  ground: Schema.String,
  until: Schema.optionalKey(Schema.String),
  createdAt: Schema.String
}).annotate({ identifier: "AuditHold" })
export type AuditHold = typeof AuditHold.Type

/** What keeps entries past their period: those of an organisation, or only those about one object. */
export interface AuditHoldRequest {
  readonly organisation: OrganisationId
  /** The id of what the entries are about; all entries of the organisation when left out. */
  readonly object?: string
  /** Why, by the name of the ground: `tax-law`, `claim-2027-3`. Nothing personal. */
  readonly ground: string
  /** When it ends by itself. */
  readonly until?: DateTime.Utc
  readonly actor: Actor
}

/** What is to be purged, or was. */
export interface PurgeReport {
  /** Entries below this index are past their period; a multiple of 256. */
  readonly end: number
  /** Entries that go. */
  readonly entries: number
  /** Entries below `end` that a hold keeps. */
  readonly held: number
}

/** Which entries go, and who asks. */
export interface PurgeRequest {
  /** Everything older goes, in whole bundles of 256. */
  readonly before: DateTime.Utc
  readonly organisation: OrganisationId
  readonly actor: Actor
}

/**
 * `plan` says what `purge` would do. `purge` writes `audit-log.purged` as an intent, waits until that is under a checkpoint, deletes in
 * batches, and writes it again with what went. After a crash the next purge goes on. Never inside a transaction.
 * `hold` and `release` are in the log too: `audit-hold.placed`, `audit-hold.released`.
 */
export class AuditRetention extends Context.Service<
  AuditRetention,
  {
    plan(request: Pick<PurgeRequest, "before">): Effect.Effect<PurgeReport>
    purge(request: PurgeRequest): Effect.Effect<PurgeReport, CheckpointTimeout>
    hold(request: AuditHoldRequest): Effect.Effect<AuditHoldId>
    /** What holds entries of the organisation back, the oldest first; also what has ended by itself. */
    holds(organisation: OrganisationId): Effect.Effect<ReadonlyArray<AuditHold>>
    /** True when there was such a hold. */
    release(hold: {
      readonly id: AuditHoldId
      readonly organisation: OrganisationId
      readonly actor: Actor
    }): Effect.Effect<boolean>
  }
>()("fluxcybers/core/AuditRetention") {}

/** What a purge's entry says. */
export const PurgeFacts = Schema.Struct({ end: Schema.Int, before: Schema.String })
