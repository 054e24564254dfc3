import { newId, RunId } from "@fluxcybers/core"
import type { Execution, Run, RunState } from "@fluxcybers/executor"
import { Effect, Option } from "effect"
import { describe, expect, it } from "vitest"
import { fleetOf } from "../src/cli/fleet-flags.ts"
import { countsText, fleetLines, summaryText } from "../src/cli/fleet-view.ts"
import { liveFleet } from "../src/cli/live-fleet.ts"
import { runStatus } from "../src/cli/run-outcome.ts"

const run = (targetName: string, state: RunState, outcome?: Run["outcome"]): Run => ({
  id: Effect.runSync(newId(RunId, "run")),
  target: null,
  targetName,
  state,
  ...(state === "waiting" || state === "skipped" ? {} : { startedAt: "2026-11-24T10:00:00.000Z" }),
  ...(outcome === undefined ? {} : { outcome })
})

const none = Option.none<number>()

describe("a fleet on the command line", () => {
  it("targets that are named come first, and only what was told is proposed", () => {
    const flags = { targets: ["web-9"], on: ["tag:web"], concurrency: none, batch: none, stopAfter: none }
    expect(fleetOf({ ...flags, canary: none })).toEqual({ targets: ["web-9", "tag:web"] })
    expect(fleetOf({ ...flags, canary: Option.some(1) })).toEqual({
      targets: ["web-9", "tag:web"],
      rollout: { canary: 1 }
    })
  })

  it("the table shows what matters first, counts the rest, and stays within its lines", () => {
    const runs = [
      ...Array.from({ length: 990 }, (_, number) => ({ name: `web-${number}`, state: "waiting" as const })),
      { name: "db-1", state: "failed" as const },
      { name: "evil\u001b[2J", state: "running" as const }
    ]
    expect(fleetLines(runs, { lines: 4, columns: 80 })).toEqual([
      expect.stringMatching(/^evil[\x20-\x7e]* {2}running$/),
      expect.stringMatching(/^db-1 +failed$/),
      "992 targets: 1 running, 1 failed, 990 waiting"
    ])
    expect(fleetLines(runs, { lines: 1, columns: 80 })).toHaveLength(1)
  })

  it("is drawn anew in its place, with output above it", () => {
    const written: Array<string> = []
    let nowMs = 0
    const screen = {
      write: (text: string) => void written.push(text),
      rows: () => 24,
      columns: () => 80,
      nowMs: () => nowMs
    }
    const runs = [run("a", "waiting"), run("b", "waiting")]
    const output = () => Effect.sync(() => void written.push("output\n"))
    const fleet = liveFleet(runs, output, screen)
    const change = (state: RunState) => Effect.runSync(fleet.onRuns([{ run: runs[0]!.id, state }]))
    change("running")
    nowMs = 1_000
    change("succeeded")
    Effect.runSync(fleet.write({ run: runs[0]!.id, stream: "stdout", atMs: 0, bytes: new Uint8Array() }))
    expect(written).toEqual([
      "a  running\n2 targets: 1 running, 1 waiting\n",
      "\u001b[2A\u001b[J",
      "a  succeeded\n2 targets: 1 succeeded, 1 waiting\n",
      "\u001b[2A\u001b[J",
      "output\n"
    ])
  })

  it("at the end the targets that did not succeed are named with why, the first twenty of them", () => {
    const runs = [
      run("web-1", "succeeded", { outputBytes: 0, exitCode: 0 }),
      ...Array.from({ length: 25 }, (_, number) => run(`bad-${number}`, "failed", { outputBytes: 0, exitCode: 3 })),
      run("web-2", "skipped", { outputBytes: 0, detail: "A canary target did not succeed. It was not started." })
    ]
    const text = summaryText({ id: "exec_1" as Execution["id"], runs })
    expect(text.split("\n")).toHaveLength(22)
    expect(text).toContain("27 targets: 25 failed, 1 skipped, 1 succeeded")
    expect(text).toContain("  bad-0  failed, status 3")
    expect(text).toContain("and 5 more: fluxcybers executions show exec_1")
    expect(countsText(["waiting"])).toBe("1 targets: 1 waiting")
  })

  it("skipped targets alone are a failure, and beside a remote status that status counts", () => {
    const skipped = run("b", "skipped", { outputBytes: 0 })
    expect(runStatus({ state: "failed", runs: [run("a", "succeeded"), skipped] })).toBe(241)
    const failed = run("a", "failed", { outputBytes: 0, exitCode: 7 })
    expect(runStatus({ state: "failed", runs: [failed, skipped] })).toBe(7)
    expect(runStatus({ state: "cancelled", runs: [run("a", "succeeded"), skipped] })).toBe(251)
  })
})
