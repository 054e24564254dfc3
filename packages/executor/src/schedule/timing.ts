// When a schedule fires. Pure: from an instant to the next one.
import { Cron, DateTime, Result, Schema } from "effect"

const MINUTE_MS = 60_000
const EVERY_MS_MAX = 366 * 24 * 60 * MINUTE_MS
const EXPRESSION_LENGTH_MAX = 200

/**
 * Five fields (minute, hour, day of the month, month, day of the week) in a time zone. An hour that is skipped when clocks go forward: what
 * names it fires as long after the change as it would have after it (02:30 becomes 03:30). An hour that there is twice when they go back:
 * what names it fires once, the first time; what is for every hour (`*`) fires in both.
 */
export const CronTiming = Schema.TaggedStruct("Cron", {
  expression: Schema.String.check(Schema.isMaxLength(EXPRESSION_LENGTH_MAX)),
  /** IANA: `Europe/Berlin`, `UTC`. */
  zone: Schema.String
})

/** Every so many milliseconds (1 minute to 366 days), counted from when the schedule was added. */
export const EveryTiming = Schema.TaggedStruct("Every", { everyMs: Schema.Int })

/** When a schedule fires. */
export const Timing = Schema.Union([CronTiming, EveryTiming])
export type Timing = typeof Timing.Type

/** A timing that was checked. Instants are milliseconds since 1970. */
export interface Ticks {
  /** The first one after that instant. */
  readonly after: (instantMs: number) => number
  /** The last one at or before that instant. */
  readonly atOrBefore: (instantMs: number) => number
}

/** What the timing says, or what is wrong with it. `anchorMs`: from where intervals are counted. */
export const ticksOf = (timing: Timing, anchorMs: number): Result.Result<Ticks, string> =>
  timing._tag === "Every" ? everyTicks(timing.everyMs, anchorMs) : cronTicks(timing)

const everyTicks = (everyMs: number, anchorMs: number): Result.Result<Ticks, string> => {
  if (everyMs < MINUTE_MS || everyMs > EVERY_MS_MAX) return Result.fail("An interval is from 1 minute to 366 days.")
  const atOrBefore = (instantMs: number) => anchorMs + Math.floor((instantMs - anchorMs) / everyMs) * everyMs
  return Result.succeed({ atOrBefore, after: (instantMs) => atOrBefore(instantMs) + everyMs })
}

const HOURS_A_DAY = 24

const cronTicks = ({ expression, zone }: typeof CronTiming.Type): Result.Result<Ticks, string> => {
  if (DateTime.zoneMakeNamed(zone)._tag === "None") return Result.fail(`There is no time zone ${JSON.stringify(zone)}.`)
  if (expression.trim().split(/\s+/).length !== 5) return Result.fail(FIVE_FIELDS)
  const once = Cron.parse(expression, zone, { onDstOverlap: "earlier" })
  if (Result.isFailure(once)) return Result.fail(`${once.failure.message}. ${FIVE_FIELDS}`)
  const { size } = once.success.hours
  const isHourly = size === 0 || size === HOURS_A_DAY
  const cron = isHourly ? Cron.parseUnsafe(expression, zone, { onDstOverlap: "both" }) : once.success
  const ticks = {
    after: (instantMs: number) => Cron.next(cron, new Date(instantMs)).getTime(),
    // What Cron answers is before the instant, and never at it.
    atOrBefore: (instantMs: number) => Cron.prev(cron, new Date(instantMs + 1)).getTime()
  }
  // A day that there never is (31 February) is found out by looking for it.
  return Result.mapError(
    Result.try(() => ticks.after(0)),
    () => `${JSON.stringify(expression)} never comes.`
  ).pipe(Result.map(() => ticks))
}

const FIVE_FIELDS =
  'A cron expression has five fields: minute, hour, day of the month, month, day of the week, as in "30 2 * * 1-5".'
