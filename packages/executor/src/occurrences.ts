// What people may want to be told of, handed to the host in the transaction that makes it so: it can be lost only together with it.
import { BoundedGrantId, ExecutionId, OrganisationId } from "@fluxcybers/core"
import { Context, Effect, Schema } from "effect"

/**
 * `decision.wanted`: an execution or a bounded grant waits for people. `decision.made`: they approved or rejected it. `execution.ended`: it
 * succeeded, failed, timed out, expired, was cancelled or withdrawn. `execution.unknown`: nobody can know how it ended. `glass.broken`: it
 * runs without the people whom the rules want. `review.due`: what ran so is not reviewed and soon must be. `grant.expiring`: a bounded grant
 * that is not used up soon ends.
 */
export const OccurrenceKind = Schema.Literals([
  "decision.wanted",
  "decision.made",
  "execution.ended",
  "execution.unknown",
  "glass.broken",
  "review.due",
  "grant.expiring"
])
export type OccurrenceKind = typeof OccurrenceKind.Type

/** What happened to which execution or bounded grant. Nothing of a plan and no person is in it. */
export const Occurrence = Schema.Struct({
  organisation: OrganisationId,
  kind: OccurrenceKind,
  object: Schema.Union([ExecutionId, BoundedGrantId])
})
export type Occurrence = typeof Occurrence.Type

/**
 * Takes note of an occurrence. It is called inside the transaction of the change, so it writes a row and does nothing else: no network, no
 * sleep. When it dies the change is rolled back. A host that tells nobody leaves it as it is.
 */
export const Occurrences = Context.Reference<(occurrence: Occurrence) => Effect.Effect<void>>(
  "fluxcybers/executor/Occurrences",
  { defaultValue: () => () => Effect.void }
)

/** Tells the host. Call it inside the transaction of the change. */
export const occurred = (occurrence: Occurrence): Effect.Effect<void> =>
  Effect.flatMap(Occurrences, (take) => take(occurrence))
