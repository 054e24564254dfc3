// How long transcripts are kept, and the job that sees to it.
import { type Actor, type CheckpointTimeout, type OrganisationId, SystemActor } from "@fluxcybers/core"
import { type TranscriptPurgeReport, TranscriptRetention } from "@fluxcybers/executor"
import { Context, DateTime, Duration, Effect, Layer } from "effect"

const SWEEP_EVERY = Duration.hours(6)
const SWEEPER = new SystemActor({ component: "retention" })

/** What a purge does, or would do. */
export interface TranscriptPurge extends TranscriptPurgeReport {
  /** Transcripts of executions that ended earlier are past their period. */
  readonly before: string
}

/** The period of transcripts. Audit entries: see `TranscriptRetention`. */
export class TranscriptPeriod extends Context.Service<
  TranscriptPeriod,
  {
    readonly days: number
    /** What is past its period now. */
    plan(organisation: OrganisationId): Effect.Effect<TranscriptPurge>
    purge(asking: {
      readonly organisation: OrganisationId
      readonly actor: Actor
    }): Effect.Effect<TranscriptPurge, CheckpointTimeout>
    /** Purges now and every six hours, for ever. What failed is tried again the next time. */
    sweep(organisation: OrganisationId): Effect.Effect<never>
  }
>()("fluxcybers/server/TranscriptPeriod") {
  static readonly layer = (days: number) => Layer.effect(TranscriptPeriod, makePeriod(days))
}

const makePeriod = Effect.fnUntraced(function* (days: number) {
  const retention = yield* TranscriptRetention
  const beginning = Effect.map(DateTime.now, (now) => DateTime.subtract(now, { days }))
  const purge: TranscriptPeriod["Service"]["purge"] = Effect.fn("TranscriptPeriod.purge")(function* (asking) {
    const before = yield* beginning
    const { executions, held } = yield* retention.purge({ ...asking, before })
    return { executions, held, before: DateTime.formatIso(before) }
  })
  return TranscriptPeriod.of({
    days,
    plan: Effect.fn("TranscriptPeriod.plan")(function* (organisation) {
      const before = yield* beginning
      return { ...(yield* retention.plan({ organisation, before })), before: DateTime.formatIso(before) }
    }),
    purge,
    sweep: (organisation) =>
      purge({ organisation, actor: SWEEPER }).pipe(
        Effect.catchCause((cause) => Effect.logError("Transcripts could not be purged; it is tried again.", cause)),
        Effect.andThen(Effect.sleep(SWEEP_EVERY)),
        Effect.forever
      )
  })
})
