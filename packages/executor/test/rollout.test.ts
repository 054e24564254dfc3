import { it } from "@effect/vitest"
import * as fc from "fast-check"
import { describe, expect } from "vitest"
import { isRunSettled, nextStep, type Rollout, RUN_TRANSITIONS, type RunState } from "../src/index.ts"

const ENDS = Object.keys(RUN_TRANSITIONS).filter((state) => isRunSettled(state as RunState)) as Array<RunState>
const GOOD: RunState = "succeeded"

const size = fc.integer({ min: 1, max: 12 })
const rollout = fc.record(
  { canary: size, batch: size, stopAfter: size },
  { requiredKeys: [], noNullPrototype: true }
) as fc.Arbitrary<Rollout>
const fleet = fc.record({
  count: fc.integer({ min: 1, max: 30 }),
  concurrency: fc.integer({ min: 1, max: 8 }),
  rollout,
  /** Which running one ends next, and how. */
  ends: fc.array(fc.record({ which: fc.nat(), state: fc.constantFrom(GOOD, GOOD, GOOD, ...ENDS) }), { minLength: 30 })
})

interface Moment {
  readonly states: ReadonlyArray<RunState>
  readonly started: ReadonlyArray<number>
}

/** Plays the whole course, as the dispatcher does; every moment right after something has started. */
const course = ({
  count,
  concurrency,
  rollout: given,
  ends
}: typeof fleet extends fc.Arbitrary<infer F> ? F : never) => {
  const states: Array<RunState> = Array.from({ length: count }, () => "waiting")
  const moments: Array<Moment> = []
  let why: string | undefined
  for (let round = 0; ; round++) {
    const step = nextStep(states, { ...given, concurrency })
    if (step._tag === "Skip") {
      why = step.why
      for (const [position, state] of states.entries()) if (state === "waiting") states[position] = "skipped"
    } else {
      for (const position of step.positions) {
        expect(states[position]).toBe("waiting")
        states[position] = "running"
      }
      moments.push({ states: [...states], started: step.positions })
    }
    const running = [...states.keys()].filter((position) => states[position] === "running")
    if (running.length === 0) return { states, moments, why }
    const { which, state } = ends[round % ends.length]!
    states[running[which % running.length]!] = state
  }
}

const isBad = (state: RunState) => isRunSettled(state) && state !== "succeeded" && state !== "skipped"

describe("going over a fleet", () => {
  it("comes to an end, each target once, never more at a time than allowed", () => {
    fc.assert(
      fc.property(fleet, (given) => {
        const { states, moments } = course(given)
        expect(states.every(isRunSettled)).toBe(true)
        const started = moments.flatMap((moment) => moment.started)
        expect(new Set(started).size).toBe(started.length)
        for (const moment of moments) {
          expect(moment.states.filter((state) => state === "running").length).toBeLessThanOrEqual(given.concurrency)
        }
      })
    )
  })

  it("nothing behind the canary starts before every canary has succeeded", () => {
    fc.assert(
      fc.property(fleet, (given) => {
        const { canary = 0 } = given.rollout
        for (const { states, started } of course(given).moments) {
          if (started.some((position) => position >= canary)) {
            expect(states.slice(0, canary).every((state) => state === "succeeded" || state === "skipped")).toBe(true)
          }
        }
      })
    )
  })

  it("a batch starts when the one before it has ended", () => {
    fc.assert(
      fc.property(fleet, (given) => {
        const { canary = 0, batch } = given.rollout
        if (batch === undefined) return
        for (const { states, started } of course(given).moments) {
          for (const position of started.filter((each) => each >= canary)) {
            const start = canary + batch * Math.floor((position - canary) / batch)
            expect(states.slice(0, start).every(isRunSettled)).toBe(true)
          }
        }
      })
    )
  })

  it("nothing starts once as many have failed as are allowed, and what is skipped says why", () => {
    fc.assert(
      fc.property(fleet, (given) => {
        const { states, moments, why } = course(given)
        const { stopAfter = Number.POSITIVE_INFINITY, canary = 0 } = given.rollout
        for (const moment of moments) {
          if (moment.started.length > 0) expect(moment.states.filter(isBad).length).toBeLessThan(stopAfter)
        }
        if (why === "failures") expect(states.filter(isBad).length).toBeGreaterThanOrEqual(stopAfter)
        if (why === "canary") expect(states.slice(0, canary).some(isBad)).toBe(true)
        if (why === undefined && !given.ends.some(({ state }) => state === "skipped"))
          expect(states).not.toContain("skipped")
      })
    )
  })
})
