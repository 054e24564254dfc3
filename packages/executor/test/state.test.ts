import { it } from "@effect/vitest"
import * as fc from "fast-check"
import { describe, expect } from "vitest"
import {
  canMoveExecution,
  canMoveRun,
  EXECUTION_TRANSITIONS,
  type ExecutionState,
  isRunSettled,
  isSettled,
  outcomeOf,
  RUN_TRANSITIONS,
  type RunState
} from "../src/index.ts"

const executionStates = Object.keys(EXECUTION_TRANSITIONS) as Array<ExecutionState>
const runStates = Object.keys(RUN_TRANSITIONS) as Array<RunState>

/** Tries each wish in turn and keeps the legal ones: the states that were really visited. */
const walk = <S>(start: S, wishes: ReadonlyArray<S>, canMove: (from: S, to: S) => boolean): ReadonlyArray<S> => {
  const path = [start]
  for (const wish of wishes) if (canMove(path.at(-1)!, wish)) path.push(wish)
  return path
}

describe("states", () => {
  it("an execution starts at most once, only from a grant, and never after its end", () => {
    const wishes = fc.array(fc.constantFrom(...executionStates), { maxLength: 40 })
    fc.assert(
      fc.property(wishes, (wanted) => {
        const path = walk<ExecutionState>("pending", wanted, canMoveExecution)
        const started = path.flatMap((state, index) => (state === "running" ? [index] : []))
        expect(started.length).toBeLessThanOrEqual(1)
        for (const index of started) expect(path[index - 1]).toBe("granted")
        // Only what is unknown may still be found out, once.
        expect(path.slice(0, -1).filter((state) => isSettled(state) && state !== "unknown")).toEqual([])
        expect(path.filter(isSettled).length).toBeLessThanOrEqual(2)
        if (["succeeded", "timed_out", "cancelled", "unknown"].includes(path.at(-1)!)) expect(started.length).toBe(1)
      }),
      { numRuns: 2_000 }
    )
  })

  it("a run starts at most once, and how a command ended is only said of one that started", () => {
    const wishes = fc.array(fc.constantFrom(...runStates), { maxLength: 40 })
    fc.assert(
      fc.property(wishes, (wanted) => {
        const path = walk<RunState>("waiting", wanted, canMoveRun)
        expect(path.filter((state) => state === "running").length).toBeLessThanOrEqual(1)
        expect(path.slice(0, -1).filter((state) => isRunSettled(state) && state !== "unknown")).toEqual([])
        expect(path.filter(isRunSettled).length).toBeLessThanOrEqual(2)
        if (["succeeded", "timed_out", "cancelled", "unknown"].includes(path.at(-1)!)) expect(path).toContain("running")
      }),
      { numRuns: 2_000 }
    )
  })

  it("an execution has an outcome exactly when all of its runs have, and unknown wins over everything", () => {
    const runs = fc.array(fc.constantFrom(...runStates), { minLength: 1, maxLength: 10 })
    fc.assert(
      fc.property(runs, fc.boolean(), (states, isCancelled) => {
        const outcome = outcomeOf(states, isCancelled)
        expect(outcome === undefined).toBe(states.some((state) => !isRunSettled(state)))
        if (outcome !== undefined && states.includes("unknown")) expect(outcome).toBe("unknown")
        if (outcome !== undefined) expect(canMoveExecution("running", outcome)).toBe(true)
        expect(outcome === "succeeded").toBe(states.every((state) => state === "succeeded"))
        if (outcome === "cancelled") expect(states.includes("cancelled") || isCancelled).toBe(true)
        expect(outcomeOf([...states].reverse(), isCancelled)).toBe(outcome)
      })
    )
  })
})
