// Hours of the week in a time zone: `mon` to `fri`, `09:00` to `17:00`, `Europe/Berlin`.

import { DateTime, Option, Schema } from "effect"
import { filledList } from "./filled-list.ts"

const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const
const DAY_COUNT = DAYS.length
const MINUTES_A_DAY = 24 * 60

const ClockTime = Schema.String.check(
  Schema.isPattern(/^([01]\d|2[0-3]):[0-5]\d$/, { expected: 'a time of day like "09:00"' })
)

const Zone = Schema.String.check(
  Schema.makeFilter((zone) => Option.isSome(DateTime.zoneMakeNamed(zone)), {
    expected: 'a time zone like "Europe/Berlin" or "UTC"'
  })
)

/**
 * When a rule holds. `from` is part of it, `to` is not. A window that ends before it begins goes past midnight and belongs to the day
 * on which it begins: `fri`, `22:00` to `06:00` ends on Saturday. Without `days` every day, without times the whole day.
 */
export const TimeWindow = Schema.Struct({
  zone: Zone,
  days: Schema.optionalKey(filledList(Schema.Literals(DAYS))),
  from: Schema.optionalKey(ClockTime),
  to: Schema.optionalKey(ClockTime)
}).check(
  Schema.makeFilter(
    ({ from, to }) => (from === undefined) === (to === undefined) && (from === undefined || from !== to),
    {
      expected: "both `from` and `to`, which differ, or neither"
    }
  )
)
export type TimeWindow = typeof TimeWindow.Type

/** Is the instant within the window? */
export const isWithin = ({ zone, days, from = "00:00", to = "24:00" }: TimeWindow, at: DateTime.DateTime): boolean => {
  const local = DateTime.toParts(DateTime.setZone(at, DateTime.zoneMakeNamedUnsafe(zone)))
  const minute = local.hour * 60 + local.minute
  const isDay = (day: number) => days?.includes(DAYS[(day + DAY_COUNT) % DAY_COUNT]!) ?? true
  const [begins, ends] = [minuteOf(from), minuteOf(to)]
  if (begins < ends) return isDay(local.weekDay) && minute >= begins && minute < ends
  return (
    (isDay(local.weekDay) && minute >= begins && minute < MINUTES_A_DAY) || (isDay(local.weekDay - 1) && minute < ends)
  )
}

const minuteOf = (clock: string): number => {
  const [hour = 0, minute = 0] = clock.split(":").map(Number)
  return hour * 60 + minute
}

/** `mon, tue 09:00–17:00 Europe/Berlin` */
export const windowText = ({ zone, days, from, to }: TimeWindow): string =>
  [days?.join(", ") ?? "every day", ...(from === undefined ? [] : [`${from}–${to}`]), zone].join(" ")
