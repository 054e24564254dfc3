// How long the audit log keeps its entries, and the job that sees to it. Entries go in whole bundles of 256, so some stay a little longer.
import {
  type Actor,
  AuditRetention,
  type CheckpointTimeout,
  type OrganisationId,
  type PurgeReport,
  SystemActor
} from "@fluxcybers/core"
import { Context, DateTime, Duration, Effect, Layer } from "effect"

const SWEEP_EVERY = Duration.hours(6)
const SWEEPER = new SystemActor({ component: "retention" })

/** What a purge does, or would do. */
export interface LogPurge extends PurgeReport {
  /** Everything older is past its period. */
  readonly before: string
}

/** The period of the log. Audit entries: `audit-log.purged`, before anything goes and after it went. */
export class LogRetention extends Context.Service<
  LogRetention,
  {
    readonly days: number
    /** What is past its period now. */
    readonly plan: Effect.Effect<LogPurge>
    purge(asking: {
      readonly organisation: OrganisationId
      readonly actor: Actor
    }): Effect.Effect<LogPurge, CheckpointTimeout>
    /** Purges now and every six hours, for ever. What failed is tried again the next time. */
    sweep(organisation: OrganisationId): Effect.Effect<never>
  }
>()("fluxcybers/server/LogRetention") {
  static readonly layer = (days: number) => Layer.effect(LogRetention, makeRetention(days))
}

const makeRetention = Effect.fnUntraced(function* (days: number) {
  const retention = yield* AuditRetention
  const beginning = Effect.map(DateTime.now, (now) => DateTime.subtract(now, { days }))
  const purge: LogRetention["Service"]["purge"] = Effect.fn("LogRetention.purge")(function* (asking) {
    const before = yield* beginning
    return { ...(yield* retention.purge({ ...asking, before })), before: DateTime.formatIso(before) }
  })
  return LogRetention.of({
    days,
    plan: Effect.gen(function* () {
      const before = yield* beginning
      return { ...(yield* retention.plan({ before })), before: DateTime.formatIso(before) }
    }),
    purge,
    sweep: (organisation) =>
      purge({ organisation, actor: SWEEPER }).pipe(
        Effect.catchCause((cause) => Effect.logError("The audit log could not be purged; it is tried again.", cause)),
        Effect.andThen(Effect.sleep(SWEEP_EVERY)),
        Effect.forever
      )
  })
})
