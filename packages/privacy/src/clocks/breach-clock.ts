// By when a breach has to be told, from the moment at which it became known. Hours are hours: weekends, holidays and the clocks
// going forward do not count.
import { dayOf, endOfDay, instantOf, instantText, type LegalCalendar, plusDays } from "./calendar.ts"

const HOUR_MS = 3_600_000
const AUTHORITY_HOURS = 72
const CALIFORNIA_DAYS = 30
const CALIFORNIA_SAMPLE_DAYS = 15

/** When what is due. ISO 8601, UTC; each is the first instant that is too late. */
export interface BreachDeadlines {
  /** The authority is told (GDPR and UK GDPR, article 33(1)); so are the people, which is what our policy promises. */
  readonly authority: string
  /** Residents of California are told (Civil Code, section 1798.82, as it stands since 2026). */
  readonly californiaResidents: string
  /** The attorney general of California has a sample of the notice, if it went to more than 500 residents. */
  readonly californiaSample?: string
}

/** What is known of when. */
export interface BreachHistory {
  /** When it was known with reasonable certainty that personal data were affected: an ISO 8601 instant. */
  readonly knownAt: string
  /** When the residents of California were told. */
  readonly californiaToldAt?: string
}

/** Throws {@link InvalidClock} when an instant or the zone is none. */
export const breachDeadlines = (history: BreachHistory, california: LegalCalendar): BreachDeadlines => {
  const knownAt = instantOf(history.knownAt)
  const daysAfter = (from: number, days: number) =>
    instantText(endOfDay(plusDays(dayOf(from, california), days), california))
  const { californiaToldAt } = history
  return {
    authority: instantText(knownAt + AUTHORITY_HOURS * HOUR_MS),
    californiaResidents: daysAfter(knownAt, CALIFORNIA_DAYS),
    ...(californiaToldAt === undefined
      ? {}
      : { californiaSample: daysAfter(instantOf(californiaToldAt), CALIFORNIA_SAMPLE_DAYS) })
  }
}
