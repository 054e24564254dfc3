// By when a person's request has to be confirmed and answered, under every law that applies; the earliest counts.
import {
  type Day,
  dayOf,
  daysBetween,
  endOfDay,
  InvalidClock,
  instantOf,
  instantText,
  type LegalCalendar,
  nextWorkingDay,
  plusDays,
  plusMonths,
  plusWorkingDays
} from "./calendar.ts"
import { type LegalTerm, REQUEST_REGIMES, type RegimeName, type RequestRegime } from "./regime.ts"

/** What has happened to a request so far. Instants are ISO 8601 with an offset or `Z`. */
export interface RequestHistory {
  readonly receivedAt: string
  /** When the last of what was rightly asked for before the term begins came in: proof of identity, a fee. */
  readonly identifiedAt?: string
  /** Times in which an answer of the person was waited for; without `until` it still is. */
  readonly pauses?: ReadonlyArray<{ readonly from: string; readonly until?: string }>
  /** The notice to the person that it takes longer, and why. */
  readonly extension?: { readonly noticeSentAt: string; readonly reason: string }
}

/** The end of a term. */
export interface Deadline {
  readonly regime: RegimeName
  /** The last day of the term, in the calendar of the place. */
  readonly lastDay: Day
  /** The first instant that is too late (ISO 8601, UTC). */
  readonly endsAt: string
}

/** The terms of a request. */
export interface RequestDeadlines {
  /** The earliest of all answers that are due. */
  readonly answer: Deadline
  /** Every law's own, as it is with the extension where that counts. */
  readonly answers: ReadonlyArray<Deadline>
  readonly acknowledge?: Deadline
  /** Until when a notice of extension still counts; absent where no law knows one. */
  readonly extensionNotice?: Deadline
  /** Whether the notice that was sent lengthened any term: in time, and with a reason. */
  readonly isExtended: boolean
  /** An answer of the person is waited for, and the last days move with every day that passes. */
  readonly isPaused: boolean
}

/** What the terms are computed from. */
export interface RequestClockInput {
  /** The laws that apply to the person, and the policy. At least one. */
  readonly regimes: ReadonlyArray<RegimeName>
  readonly history: RequestHistory
  readonly calendar: LegalCalendar
  /** Until when a pause without an end is counted: an instant. Such a pause needs it. */
  readonly asOf?: string
}

/** Computes the terms of a request. Throws {@link InvalidClock} and computes nothing when an instant, a day or the zone is none. */
export const requestDeadlines = (input: RequestClockInput): RequestDeadlines => {
  if (input.regimes.length === 0) throw new InvalidClock("A request's clock needs at least one law, or the policy.")
  const clocks = input.regimes.map((name) => regimeClock(name, input))
  const answers = clocks.map(({ answer }) => answer)
  const acknowledge = earliest(clocks.flatMap((clock) => clock.acknowledge ?? []))
  const extensionNotice = earliest(clocks.flatMap((clock) => clock.extensionNotice ?? []))
  return {
    answer: earliest(answers)!,
    answers,
    ...(acknowledge ? { acknowledge } : {}),
    ...(extensionNotice ? { extensionNotice } : {}),
    isExtended: clocks.some(({ isExtended }) => isExtended),
    isPaused: clocks.some(({ isPaused }) => isPaused)
  }
}

const regimeClock = (name: RegimeName, { history, calendar, asOf }: RequestClockInput) => {
  const regime: RequestRegime = REQUEST_REGIMES[name]
  const receivedAt = instantOf(history.receivedAt)
  const begun = regime.beginsWhenIdentified ? Math.max(receivedAt, ...optional(history.identifiedAt)) : receivedAt
  const paused = regime.pauses ? pausedDays(history, calendar, asOf) : 0
  const deadline = (term: LegalTerm, from = begun): Deadline => {
    const lastDay = lastDayOf(term, dayOf(from, calendar), paused, calendar)
    return { regime: name, lastDay, endsAt: instantText(endOfDay(lastDay, calendar)) }
  }
  const first = deadline(regime.answer)
  const isExtended = regime.extended !== undefined && isInTime(history.extension, first)
  return {
    answer: isExtended ? deadline(regime.extended!) : first,
    acknowledge: regime.acknowledge && deadline(regime.acknowledge, receivedAt),
    extensionNotice: regime.extended && first,
    isExtended,
    isPaused: regime.pauses === true && (history.pauses ?? []).some(({ until }) => until === undefined)
  }
}

/** The days that were not counted are added before a day without work is passed over. */
const lastDayOf = (term: LegalTerm, from: Day, paused: number, calendar: LegalCalendar): Day => {
  const last =
    term.unit === "months"
      ? plusMonths(from, term.count)
      : term.unit === "days"
        ? plusDays(from, term.count)
        : plusWorkingDays(from, term.count, calendar)
  const counted = plusDays(last, paused)
  return term.rolls ? nextWorkingDay(counted, calendar) : counted
}

const isInTime = (extension: RequestHistory["extension"], { endsAt }: Deadline): boolean =>
  extension !== undefined && extension.reason.trim() !== "" && instantOf(extension.noticeSentAt) < instantOf(endsAt)

/** Days from each question to its answer. A day that two pauses share is counted once. */
const pausedDays = (history: RequestHistory, calendar: LegalCalendar, asOf?: string): number => {
  const spans = (history.pauses ?? [])
    .map(
      ({ from, until }) => [dayOf(instantOf(from), calendar), dayOf(instantOf(endOf(until, asOf)), calendar)] as const
    )
    .sort(([left], [right]) => left.localeCompare(right))
  let days = 0
  let counted = ""
  for (const [from, until] of spans) {
    const begin = from > counted ? from : counted
    if (until > begin) days += daysBetween(begin, until)
    if (until > counted) counted = until
  }
  return days
}

const endOf = (until: string | undefined, asOf: string | undefined): string => {
  const end = until ?? asOf
  if (end === undefined) throw new InvalidClock("A pause without an end is counted as of some instant: pass `asOf`.")
  return end
}

const earliest = (deadlines: ReadonlyArray<Deadline>): Deadline | undefined =>
  deadlines.toSorted((left, right) => left.endsAt.localeCompare(right.endsAt))[0]

const optional = (instant: string | undefined): ReadonlyArray<number> =>
  instant === undefined ? [] : [instantOf(instant)]
