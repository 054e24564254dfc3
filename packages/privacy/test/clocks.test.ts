// Terms against tables that were computed by hand with a calendar; where a rule is read out of guidance, the row says of whose.
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  breachDeadlines,
  InvalidClock,
  type LegalCalendar,
  REQUEST_REGIMES,
  type RegimeName,
  type RequestHistory,
  requestDeadlines
} from "../src/index.ts"

const BERLIN: LegalCalendar = { timeZone: "Europe/Berlin", holidays: ["2026-04-03", "2026-04-06", "2026-05-01"] }
const LONDON: LegalCalendar = { timeZone: "Europe/London", holidays: ["2025-12-25", "2025-12-26", "2026-01-01"] }
const LOS_ANGELES: LegalCalendar = { timeZone: "America/Los_Angeles", holidays: ["2026-01-19", "2026-02-16"] }

const noon = (day: string) => `${day}T12:00:00Z`
const deadlines = (regime: RegimeName, calendar: LegalCalendar, history: RequestHistory) =>
  requestDeadlines({ regimes: [regime], calendar, history })
const lastDay = (regime: RegimeName, calendar: LegalCalendar, history: RequestHistory) =>
  deadlines(regime, calendar, history).answer.lastDay
const extension = { noticeSentAt: noon("2026-01-10"), reason: "three systems have to be searched" }

describe("the month of the GDPR", () => {
  it.each([
    ["2026-05-15", "2026-06-15", "the same date"],
    ["2026-08-31", "2026-09-30", "a shorter month ends on its last day (EDPB Guidelines 01/2022)"],
    ["2028-01-31", "2028-02-29", "a leap year"],
    ["2026-01-31", "2026-03-02", "28 February is a Saturday"],
    ["2027-01-29", "2027-03-01", "28 February is a Sunday"],
    ["2025-12-24", "2026-01-26", "over the year's end, and 24 January is a Saturday"],
    ["2026-03-05", "2026-04-07", "5 April is Easter Sunday, and Monday is a holiday"],
    ["2026-04-01", "2026-05-04", "1 May is a holiday, a Friday"]
  ])("of a request of %s ends on %s: %s", (received, ends) => {
    expect(lastDay("eu", BERLIN, { receivedAt: noon(received) })).toBe(ends)
  })

  it("begins on the day that it is where the office is", () => {
    expect(lastDay("eu", BERLIN, { receivedAt: "2026-05-14T21:59:59Z" })).toBe("2026-06-15")
    expect(lastDay("eu", BERLIN, { receivedAt: "2026-05-14T22:00:00Z" })).toBe("2026-06-15")
    expect(lastDay("eu", BERLIN, { receivedAt: "2026-05-18T21:59:59Z" })).toBe("2026-06-18")
    expect(lastDay("eu", BERLIN, { receivedAt: "2026-05-18T22:00:00Z" })).toBe("2026-06-19")
    expect(lastDay("eu", BERLIN, { receivedAt: "2026-05-19T00:00:00+02:00" })).toBe("2026-06-19")
  })

  it("becomes three with a notice and a reason within the first, and not otherwise", () => {
    const receivedAt = noon("2025-12-31")
    const extended = deadlines("eu", BERLIN, { receivedAt, extension })
    expect(extended).toMatchObject({ isExtended: true, answer: { lastDay: "2026-03-31" } })
    expect(extended.extensionNotice).toMatchObject({ lastDay: "2026-02-02", endsAt: "2026-02-02T23:00:00.000Z" })
    for (const [noticeSentAt, isExtended] of [
      ["2026-02-02T22:59:59Z", true],
      ["2026-02-02T23:00:00Z", false]
    ] as const) {
      const late = { receivedAt, extension: { ...extension, noticeSentAt } }
      expect(deadlines("eu", BERLIN, late).isExtended).toBe(isExtended)
    }
    const silent = { receivedAt, extension: { ...extension, reason: " " } }
    expect(deadlines("eu", BERLIN, silent)).toMatchObject({ isExtended: false, answer: { lastDay: "2026-02-02" } })
  })

  it("does not stop while a question to the person is open", () => {
    const pauses = [{ from: noon("2026-05-16"), until: noon("2026-05-26") }]
    expect(lastDay("eu", BERLIN, { receivedAt: noon("2026-05-15"), pauses })).toBe("2026-06-15")
  })
})

describe("the month of the United Kingdom", () => {
  it.each([
    ["2025-09-03", "2025-10-03", "the same date (ICO, time limits)"],
    ["2026-03-31", "2026-04-30", "a shorter month (ICO)"],
    ["2025-11-26", "2025-12-29", "26 December is a holiday, then comes a weekend (ICO)"]
  ])("of a request of %s ends on %s: %s", (received, ends) => {
    expect(lastDay("uk", LONDON, { receivedAt: noon(received) })).toBe(ends)
  })

  it("begins when identity was proved", () => {
    const history = { receivedAt: noon("2025-09-03"), identifiedAt: noon("2025-09-11") }
    expect(lastDay("uk", LONDON, history)).toBe("2025-10-13")
  })

  it("leaves out the days between a question and its answer, each of them once", () => {
    const receivedAt = noon("2025-09-03")
    const first = { from: noon("2025-09-10"), until: noon("2025-09-15") }
    expect(lastDay("uk", LONDON, { receivedAt, pauses: [first] })).toBe("2025-10-08")
    const second = { from: noon("2025-09-12"), until: noon("2025-09-17") }
    expect(lastDay("uk", LONDON, { receivedAt, pauses: [second, first] })).toBe("2025-10-10")
    const sameDay = { from: "2025-09-10T09:00:00Z", until: "2025-09-10T17:00:00Z" }
    expect(lastDay("uk", LONDON, { receivedAt, pauses: [sameDay] })).toBe("2025-10-03")
  })

  it("stands still while the answer is waited for", () => {
    const history = { receivedAt: noon("2025-09-03"), pauses: [{ from: noon("2025-09-10") }] }
    const asOf = (day: string) => requestDeadlines({ regimes: ["uk"], calendar: LONDON, history, asOf: noon(day) })
    expect(asOf("2025-09-10")).toMatchObject({ isPaused: true, answer: { lastDay: "2025-10-03" } })
    expect(asOf("2025-11-10").answer.lastDay).toBe("2025-12-03")
    expect(() => deadlines("uk", LONDON, history)).toThrow("pass `asOf`")
  })
})

describe("the days of California", () => {
  it.each([
    ["2026-01-02", "2026-01-16", "2026-02-16", "2026-04-02"],
    ["2026-01-08", "2026-01-23", "2026-02-22", "2026-04-08"],
    ["2027-12-20", "2028-01-03", "2028-02-03", "2028-03-19"]
  ])("of a request of %s: confirmed by %s, answered by %s, with an extension by %s", (received, ...ends) => {
    const receivedAt = `${received}T20:00:00Z`
    const { acknowledge, answer } = deadlines("california", LOS_ANGELES, { receivedAt })
    const soon = { ...extension, noticeSentAt: receivedAt }
    const extended = lastDay("california", LOS_ANGELES, { receivedAt, extension: soon })
    expect([acknowledge?.lastDay, answer.lastDay, extended]).toEqual(ends)
  })

  it("an opt-out is done in 15 working days, and cannot be put off", () => {
    const history = { receivedAt: "2026-01-02T20:00:00Z", extension }
    expect(deadlines("californiaOptOut", LOS_ANGELES, history)).toMatchObject({
      answer: { lastDay: "2026-01-26" },
      isExtended: false
    })
  })
})

describe("several laws at once", () => {
  it("the earliest counts, and each is shown", () => {
    const both = (received: string) =>
      requestDeadlines({ regimes: ["eu", "policy"], calendar: BERLIN, history: { receivedAt: noon(received) } })
    expect(both("2026-01-15").answer).toMatchObject({ regime: "policy", lastDay: "2026-02-14" })
    expect(both("2026-02-01").answer).toMatchObject({ regime: "eu", lastDay: "2026-03-02" })
    expect(both("2026-02-01").answers.map((each) => each.lastDay)).toEqual(["2026-03-02", "2026-03-03"])
  })

  it("an extension by law does not lengthen what the policy promises", () => {
    const history = { receivedAt: noon("2026-01-05"), extension }
    const { answer, answers } = requestDeadlines({ regimes: ["eu", "policy"], calendar: BERLIN, history })
    expect(answer).toMatchObject({ regime: "policy", lastDay: "2026-02-04" })
    expect(answers[0]).toMatchObject({ regime: "eu", lastDay: "2026-04-07" })
  })
})

describe("the end of a day", () => {
  it.each([
    ["Europe/Berlin", "2026-03-29", "2026-03-29T22:00:00.000Z", "the clocks went forward"],
    ["Europe/London", "2026-10-25", "2026-10-26T00:00:00.000Z", "the clocks went back"],
    ["America/Los_Angeles", "2026-03-08", "2026-03-09T07:00:00.000Z", "the clocks went forward"],
    ["America/Santiago", "2026-09-05", "2026-09-06T04:00:00.000Z", "the next day begins at one o'clock"],
    ["Australia/Lord_Howe", "2026-10-04", "2026-10-04T13:00:00.000Z", "by half an hour"]
  ])("in %s, %s is over at %s: %s", (timeZone, day, endsAt) => {
    const receivedAt = new Date(Date.parse(noon(day)) - 30 * 86_400_000).toISOString()
    expect(deadlines("policy", { timeZone }, { receivedAt }).answer).toEqual({ regime: "policy", lastDay: day, endsAt })
  })
})

describe("a breach", () => {
  it("is told the authority within 72 hours, whatever the clocks do", () => {
    const { authority } = breachDeadlines({ knownAt: "2026-03-27T20:00:00+01:00" }, LOS_ANGELES)
    expect(authority).toBe("2026-03-30T19:00:00.000Z")
  })

  it("is told residents of California within 30 days, and the attorney general 15 days later", () => {
    const history = { knownAt: "2026-01-10T03:00:00Z", californiaToldAt: "2026-02-02T20:00:00Z" }
    expect(breachDeadlines(history, LOS_ANGELES)).toMatchObject({
      californiaResidents: "2026-02-09T08:00:00.000Z",
      californiaSample: "2026-02-18T08:00:00.000Z"
    })
    expect(breachDeadlines({ knownAt: history.knownAt }, LOS_ANGELES)).not.toHaveProperty("californiaSample")
  })
})

describe("what is no date", () => {
  it.each([
    [{ receivedAt: "2026-02-30" }, BERLIN, '"2026-02-30" is no instant'],
    [{ receivedAt: "2026-02-28T12:00:00" }, BERLIN, "is no instant"],
    [{ receivedAt: noon("2026-02-28") }, { timeZone: "Europe/Atlantis" }, '"Europe/Atlantis" is no time zone'],
    [{ receivedAt: noon("2026-02-27") }, { ...BERLIN, holidays: ["2026-02-30"] }, '"2026-02-30" is no day'],
    [{ receivedAt: noon("2026-02-27") }, { ...BERLIN, holidays: ["Easter"] }, '"Easter" is no day']
  ])("%o is refused", (history, calendar, message) => {
    expect(() => deadlines("eu", calendar, history)).toThrow(InvalidClock)
    expect(() => deadlines("eu", calendar, history)).toThrow(message)
  })

  it("a request that no law is about has no clock", () => {
    const none = { regimes: [], calendar: BERLIN, history: { receivedAt: noon("2026-02-27") } }
    expect(() => requestDeadlines(none)).toThrow("at least one law")
  })
})

const instants = fc.date({ min: new Date("2020-01-01"), max: new Date("2040-01-01"), noInvalidDate: true })
const zones = fc.constantFrom("UTC", "Europe/Berlin", "America/Santiago", "Pacific/Kiritimati", "Australia/Lord_Howe")
const names = Object.keys(REQUEST_REGIMES) as Array<RegimeName>

describe("every term", () => {
  it("ends after it began, the earliest first, and later with every working day that falls away", () => {
    fc.assert(
      fc.property(instants, zones, fc.subarray(names, { minLength: 1 }), (received, timeZone, regimes) => {
        const history = { receivedAt: received.toISOString() }
        const { answer, answers } = requestDeadlines({ regimes, history, calendar: { timeZone } })
        const holidays = [answer.lastDay]
        const later = requestDeadlines({ regimes, history, calendar: { timeZone, holidays } })
        for (const each of answers) expect(each.endsAt >= answer.endsAt).toBe(true)
        expect(answer.endsAt > history.receivedAt).toBe(true)
        expect(later.answer.endsAt >= answer.endsAt).toBe(true)
        expect(answers.map(({ regime }) => regime)).toEqual(regimes)
      })
    )
  })

  it("is longer by the days of a pause, and a longer pause never shortens it", () => {
    fc.assert(
      fc.property(instants, fc.nat(60), fc.nat(60), (received, first, more) => {
        const receivedAt = received.toISOString()
        const ends = (days: number) => {
          const until = new Date(received.getTime() + days * 86_400_000).toISOString()
          return lastDay("uk", { timeZone: "UTC" }, { receivedAt, pauses: [{ from: receivedAt, until }] })
        }
        expect(ends(first + more) >= ends(first)).toBe(true)
      })
    )
  })
})
