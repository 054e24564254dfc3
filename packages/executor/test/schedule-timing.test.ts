// When schedules fire: time zones, the days on which clocks change, intervals, and what is made up for after a downtime.
import { Result } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Timing } from "../src/index.ts"
import { dueOf } from "../src/schedule/due.ts"
import { type Ticks, ticksOf } from "../src/schedule/timing.ts"

const cron = (expression: string, zone = "UTC"): Timing => ({ _tag: "Cron", expression, zone })
const ticks = (timing: Timing, anchor = 0): Ticks => Result.getOrThrow(ticksOf(timing, anchor))
const problem = (timing: Timing) => {
  const found = ticksOf(timing, 0)
  return Result.isFailure(found) ? found.failure : ""
}

/** The first so many instants after that one. */
const series = (timing: Timing, after: string, count: number): ReadonlyArray<string> => {
  const found: Array<number> = []
  while (found.length < count) found.push(ticks(timing).after(found.at(-1) ?? Date.parse(after)))
  return found.map((at) => new Date(at).toISOString().slice(0, 16))
}

describe("a cron expression", () => {
  it("is five fields in a time zone", () => {
    expect(series(cron("0 9 * * 1-5", "America/New_York"), "2026-03-06T00:00Z", 3)).toEqual([
      "2026-03-06T14:00",
      "2026-03-09T13:00",
      "2026-03-10T13:00"
    ])
    for (const wrong of ["* * * *", "0 0 0 * * *", "61 * * * *", "@daily", ""]) {
      expect(problem(cron(wrong))).toContain("five fields")
    }
    expect(problem(cron("0 0 31 2 *"))).toContain("never comes")
    expect(problem(cron("0 0 * * *", "Mars/Phobos"))).toContain("no time zone")
  })

  it("that names an hour which is skipped fires as much later, that day only", () => {
    expect(series(cron("30 2 * * *", "Europe/Berlin"), "2026-03-28T00:00Z", 3)).toEqual([
      "2026-03-28T01:30",
      "2026-03-29T01:30",
      "2026-03-30T00:30"
    ])
  })

  it("that names an hour which there is twice fires once; one for every hour fires in both", () => {
    expect(series(cron("30 2 * * *", "Europe/Berlin"), "2026-10-24T00:00Z", 3)).toEqual([
      "2026-10-24T00:30",
      "2026-10-25T00:30",
      "2026-10-26T01:30"
    ])
    expect(series(cron("*/30 * * * *", "Europe/Berlin"), "2026-10-24T23:30Z", 5)).toEqual([
      "2026-10-25T00:00",
      "2026-10-25T00:30",
      "2026-10-25T01:00",
      "2026-10-25T01:30",
      "2026-10-25T02:00"
    ])
    expect(series(cron("*/30 * * * *", "Europe/Berlin"), "2026-03-29T00:00Z", 3)).toEqual([
      "2026-03-29T00:30",
      "2026-03-29T01:00",
      "2026-03-29T01:30"
    ])
  })

  it("has the instants forwards that it has backwards, in every zone and on every day", () => {
    const expressions = fc.constantFrom("*/15 * * * *", "30 2 * * *", "0 0 1 * *", "59 23 * * 0", "5,35 1-3 * * *")
    const zones = fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")
    const minutes = fc.integer({ min: 0, max: 366 * 24 * 60 })
    fc.assert(
      fc.property(expressions, zones, minutes, (expression, zone, minute) => {
        const { after: following, atOrBefore } = ticks(cron(expression, zone))
        const at = Date.parse("2026-01-01T00:00Z") + minute * 60_000
        const next = following(at)
        expect(next).toBeGreaterThan(at)
        expect(atOrBefore(next)).toBe(next)
        const last = atOrBefore(at)
        expect(last).toBeLessThanOrEqual(at)
        expect(following(last)).toBe(next)
      }),
      { numRuns: 300 }
    )
  })
})

describe("an interval", () => {
  it("is counted from its beginning, whatever happens in between", () => {
    const { after: following, atOrBefore } = ticks({ _tag: "Every", everyMs: 90_000 }, 1_000)
    expect([following(0), following(1_000), following(90_999), following(91_000)]).toEqual([
      1_000, 91_000, 91_000, 181_000
    ])
    expect([atOrBefore(1_000), atOrBefore(90_999), atOrBefore(91_000)]).toEqual([1_000, 1_000, 91_000])
    expect(problem({ _tag: "Every", everyMs: 59_999 })).toContain("1 minute")
  })
})

describe("of the instants that have come", () => {
  const hourly = ticks({ _tag: "Every", everyMs: 3_600_000 })
  const at = (hours: number, late = 0) => hours * 3_600_000 + late
  const due = (nowMs: number, missed: "skip" | "once") => dueOf(hourly, { nextMs: at(1), nowMs, missed })

  it("one that is on time is fired", () => {
    for (const missed of ["skip", "once"] as const) {
      expect(due(at(1, 59_000), missed)).toEqual({ instantMs: at(1), isMissed: false, missed: 0, nextMs: at(2) })
    }
  })

  it("the last is fired or not, as configured, and those before it never are", () => {
    expect(due(at(5, 600_000), "skip")).toEqual({ instantMs: at(5), isMissed: true, missed: 4, nextMs: at(6) })
    expect(due(at(5, 600_000), "once")).toEqual({ instantMs: at(5), isMissed: false, missed: 4, nextMs: at(6) })
    expect(due(at(5), "skip")).toMatchObject({ isMissed: false, missed: 4 })
    expect(due(at(1_000_000), "once")).toMatchObject({ instantMs: at(1_000_000), missed: 1_000 })
  })
})
