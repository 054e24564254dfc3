// The exit statuses: the documented table, and what each ending of an execution becomes.
import { readFileSync } from "node:fs"
import { constants } from "node:os"
import type { Execution, Run } from "@fluxcybers/executor"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { EXIT_CODES, type ExitName, exitStatus, RUN_STATUS_OFFSET } from "../src/cli/exit-codes.ts"
import { exitName, runStatus } from "../src/cli/run-outcome.ts"

const page = readFileSync(new URL("../../../docs/reference/exit-codes.md", import.meta.url), "utf8")
const documented = [...page.matchAll(/^\| (\d+) +\| (\d+) +\| (.+?) +\|$/gm)].map(([, status, inRun, meaning]) => ({
  status: Number(status),
  inRun: Number(inRun),
  meaning: meaning!
}))

const run = (state: Run["state"], outcome: Partial<NonNullable<Run["outcome"]>> = {}): Run => ({
  id: "run_01m86cevhretbsw7753gbh4rag" as Run["id"],
  target: null,
  targetName: "web-1",
  state,
  startedAt: "2026-11-24T09:00:00.000Z",
  outcome: { outputBytes: 0, ...outcome }
})

const status = (state: Execution["state"], ...runs: ReadonlyArray<Run>) => runStatus({ state, runs })

describe("the table of exit statuses", () => {
  it("is the one that the documentation shows", () => {
    const names = Object.keys(EXIT_CODES) as ReadonlyArray<ExitName>
    expect(documented).toEqual(
      names.map((name) => ({
        status: exitStatus(name),
        inRun: exitStatus(name, true),
        meaning: EXIT_CODES[name].meaning
      }))
    )
  })

  it("has each status once, and leaves the remote command everything below 240 in `run`", () => {
    const statuses = documented.map((row) => row.status)
    expect(new Set(statuses).size).toBe(statuses.length)
    for (const row of documented) expect(row.inRun === 0 || row.inRun > RUN_STATUS_OFFSET).toBe(true)
    for (const row of documented) expect(row.inRun).toBeLessThan(256)
  })
})

describe("the exit status of `run`", () => {
  it("is the remote command's own", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 255 }), (exitCode) => {
        expect(status("failed", run("failed", { exitCode }))).toBe(exitCode)
      })
    )
    expect(status("succeeded", run("succeeded", { exitCode: 0 }))).toBe(0)
  })

  it("is 128 plus the signal's number when a signal ended it", () => {
    for (const [signal, number] of Object.entries(constants.signals)) {
      expect(status("failed", run("failed", { signal }))).toBe(128 + number)
    }
  })

  it.each<[Execution["state"], number]>([
    ["rejected", 246],
    ["expired", 246],
    ["withdrawn", 246],
    ["unknown", 248],
    ["timed_out", 250],
    ["cancelled", 251]
  ])("%s is %i", (state, expected) => {
    expect(status(state, run("cancelled"))).toBe(expected)
  })

  it("says that the plan no longer matched when it failed before anything started", () => {
    const { startedAt: _, ...unstarted } = run("failed")
    expect(exitName({ state: "failed", runs: [unstarted] })).toBe("plan-changed")
    expect(status("failed", unstarted)).toBe(247)
  })

  it("is the highest of several targets", () => {
    expect(
      status(
        "failed",
        run("failed", { exitCode: 3 }),
        run("succeeded", { exitCode: 0 }),
        run("failed", { exitCode: 7 })
      )
    ).toBe(7)
  })

  it("is a failure of its own when one of several targets did not get as far as a status", () => {
    expect(status("failed", run("failed", { exitCode: 3 }), run("failed", { detail: "No connection." }))).toBe(241)
  })

  it("a signal that this machine does not know is a failure without a status", () => {
    expect(status("failed", run("failed", { signal: "SIGNOTHERE" }))).toBe(241)
  })
})
