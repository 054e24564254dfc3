// The table of a fleet on a terminal, drawn anew below the output whenever something changes.
import type { Execution, RunState } from "@fluxcybers/executor"
import { Effect } from "effect"
import { fleetLines } from "./fleet-view.ts"
import type { OutputClosed } from "./output.ts"
import type { OutputPiece } from "./watch.ts"

const LINES_MAX = 12
const REDRAW_MS = 100

type Write = (piece: OutputPiece) => Effect.Effect<void, OutputClosed>

/** A terminal to draw on; its sizes are asked for each time. */
export interface Screen {
  readonly write: (text: string) => void
  readonly rows: () => number
  readonly columns: () => number
  readonly nowMs: () => number
}

export const terminal: Screen = {
  write: (text) => void process.stderr.write(text),
  rows: () => process.stderr.rows ?? LINES_MAX,
  columns: () => process.stderr.columns ?? 80,
  nowMs: () => performance.now()
}

/** Output that comes in between is written above the table. */
export const liveFleet = (runs: Execution["runs"], write: Write, screen: Screen) => {
  const states = new Map(runs.map(({ id, targetName, state }) => [id as string, { name: targetName, state }]))
  let drawn = 0
  let drawnAtMs = Number.NEGATIVE_INFINITY
  const clear = () => {
    if (drawn > 0) screen.write(`\u001b[${drawn}A\u001b[J`)
    drawn = 0
  }
  const draw = () => {
    const lines = Math.max(1, Math.min(LINES_MAX, screen.rows() - 2))
    const shown = fleetLines([...states.values()], { lines, columns: screen.columns() })
    clear()
    screen.write(`${shown.join("\n")}\n`)
    drawn = shown.length
    drawnAtMs = screen.nowMs()
  }
  return {
    onRuns: (changed: ReadonlyArray<{ readonly run: string; readonly state: RunState }>) =>
      Effect.sync(() => {
        for (const { run, state } of changed) states.set(run, { name: states.get(run)?.name ?? run, state })
        if (screen.nowMs() - drawnAtMs >= REDRAW_MS) draw()
      }),
    write: (piece: OutputPiece) => Effect.andThen(Effect.sync(clear), write(piece)),
    finish: Effect.sync(clear)
  }
}
