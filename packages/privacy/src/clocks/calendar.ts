// Calendar days of a place: which day an instant falls on there, when a day ends, which days are working days. Days are text,
// `2026-02-28`, so that no time zone can creep into them.
import { DateTime } from "effect"

/** A calendar day: `YYYY-MM-DD`. */
export type Day = string

/** Where the law counts days: its time zone, and the days besides Saturday and Sunday on which nobody works. */
export interface LegalCalendar {
  /** IANA name, for example `Europe/Berlin`. */
  readonly timeZone: string
  /** Public holidays of the place, for every year that a term may reach. */
  readonly holidays?: ReadonlyArray<Day>
}

/** An instant, day, time zone or holiday that does not exist, or a term that cannot be counted. Nothing was computed. */
export class InvalidClock extends Error {
  readonly _tag = "InvalidClock"
  override readonly name = "InvalidClock"
}

const DAY_MS = 86_400_000
const MONTHS_A_YEAR = 12

export const instantOf = (text: string): number => {
  // Without an offset it would be read in this machine's own zone.
  const ms = /(?:Z|[+-]\d{2}:\d{2})$/i.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(ms)) throw new InvalidClock(`"${text}" is no instant; write it as 2026-02-28T17:00:00Z.`)
  return ms
}

export const instantText = (ms: number): string => new Date(ms).toISOString()

const zoneOf = (name: string): DateTime.TimeZone.Named => {
  try {
    return DateTime.zoneMakeNamedUnsafe(name)
  } catch (cause) {
    throw new InvalidClock(`"${name}" is no time zone; write it as Europe/Berlin.`, { cause })
  }
}

/** The calendar day on which an instant falls. */
export const dayOf = (ms: number, { timeZone }: LegalCalendar): Day =>
  DateTime.formatIsoDate(DateTime.makeZonedUnsafe(ms, { timeZone: zoneOf(timeZone) }))

/** The first instant after a day: with the clocks going forward at midnight, that is one o'clock. */
export const endOfDay = (day: Day, { timeZone }: LegalCalendar): number => {
  const [year, month, date] = plusDays(day, 1).split("-").map(Number)
  const midnight = DateTime.makeZonedUnsafe(
    { year: year!, month: month!, day: date! },
    { timeZone: zoneOf(timeZone), adjustForTimeZone: true, disambiguation: "compatible" }
  )
  return DateTime.toEpochMillis(midnight)
}

export const plusDays = (day: Day, count: number): Day => isoDay(utcOf(day) + count * DAY_MS)

/** Whole days from one day to another. */
export const daysBetween = (from: Day, to: Day): number => Math.round((utcOf(to) - utcOf(from)) / DAY_MS)

/** The same date so many months later; where there is none, the last of that month (Regulation 1182/71, article 3(2)(c)). */
export const plusMonths = (day: Day, count: number): Day => {
  const [year, month, date] = day.split("-").map(Number)
  const months = year! * MONTHS_A_YEAR + (month! - 1) + count
  const lastOfMonth = new Date(Date.UTC(Math.floor(months / MONTHS_A_YEAR), (months % MONTHS_A_YEAR) + 1, 0))
  return isoDay(lastOfMonth.setUTCDate(Math.min(date!, lastOfMonth.getUTCDate())))
}

/** The working day that is so many working days later. */
export const plusWorkingDays = (day: Day, count: number, calendar: LegalCalendar): Day => {
  const isWorkingDay = workingDays(calendar)
  let reached = day
  for (let left = count; left > 0; ) {
    reached = plusDays(reached, 1)
    if (isWorkingDay(reached)) left--
  }
  return reached
}

/** The day itself, or the next on which people work. */
export const nextWorkingDay = (day: Day, calendar: LegalCalendar): Day => {
  const isWorkingDay = workingDays(calendar)
  let reached = day
  while (!isWorkingDay(reached)) reached = plusDays(reached, 1)
  return reached
}

const workingDays = ({ holidays = [] }: LegalCalendar) => {
  for (const holiday of holidays) utcOf(holiday)
  const free = new Set(holidays)
  return (day: Day): boolean => ![0, 6].includes(new Date(utcOf(day)).getUTCDay()) && !free.has(day)
}

const utcOf = (day: Day): number => {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN
  // 30 February would become 2 March.
  if (Number.isNaN(ms) || isoDay(ms) !== day) throw new InvalidClock(`"${day}" is no day; write it as 2026-02-28.`)
  return ms
}

const isoDay = (ms: number): Day => new Date(ms).toISOString().slice(0, "YYYY-MM-DD".length)
