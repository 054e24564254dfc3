// What an execution shows, in order and live: recorded output, and changes of state.
import { type ExecutionId, type OrganisationId, type RunId } from "@fluxcybers/core"
import { Effect, Option, Stream } from "effect"
import { type Bell, Changes } from "../changes.ts"
import type { ExecutionState, RunState } from "../execution.ts"
import { isSettled } from "../state.ts"
import { openChunks } from "../store/chunks.ts"
import { findHeader } from "../store/execution-reads.ts"
import { hasSeveralRuns, runsChangedSince } from "../store/run-changes.ts"
import { headerOf } from "./look.ts"

/**
 * A piece of recorded (masked) output, a change of state, or of an execution on several targets those runs that have changed. `sequence` counts the pieces of one execution from 1; giving the last one
 * seen as `after` resumes the stream behind it.
 */
export type ExecutionEvent =
  | {
      readonly _tag: "Output"
      readonly sequence: number
      readonly run: RunId
      /** Since the run started. */
      readonly atMs: number
      readonly stream: "stdout" | "stderr"
      readonly bytes: Uint8Array
    }
  | { readonly _tag: "State"; readonly state: ExecutionState }
  | { readonly _tag: "Runs"; readonly runs: ReadonlyArray<{ readonly run: RunId; readonly state: RunState }> }

/** At most 2 MiB of output are held for a viewer at a time. */
const PAGE_CHUNKS = 32
/** How soon a viewer sees what another node wrote. */
const LOOK_EVERY_MS = 500

/** The state comes first and whenever it changes (states that follow each other within a moment may be skipped), the last one last. */
export const events = (organisation: OrganisationId, id: ExecutionId, after = 0) =>
  Stream.unwrap(
    Effect.gen(function* () {
      yield* headerOf(organisation, id)
      const bell = yield* (yield* Changes).listen(id)
      const isFleet = yield* hasSeveralRuns(id)
      return Stream.paginate({ after, state: undefined, revision: 0, isCaughtUp: false }, (seen: Seen) =>
        next({ id, seen, bell, isFleet })
      )
    })
  )

interface Seen {
  readonly after: number
  readonly state: ExecutionState | undefined
  /** The newest change of a run. */
  readonly revision: number
  /** Everything there was has been read: the next look can wait for news. */
  readonly isCaughtUp: boolean
}

const next = Effect.fnUntraced(function* (look: {
  readonly id: ExecutionId
  readonly seen: Seen
  readonly bell: Bell
  readonly isFleet: boolean
}) {
  const { id, seen, bell, isFleet } = look
  if (seen.isCaughtUp) yield* bell(LOOK_EVERY_MS)
  // The state before the output: what a settled execution shows is complete.
  const header = yield* findHeader(id)
  if (header === undefined) return [[], Option.none()] as const
  const chunks = yield* openChunks(header, { after: seen.after, limit: PAGE_CHUNKS })
  const output = chunks.map((chunk): ExecutionEvent => ({ _tag: "Output", ...chunk }))
  const changed = isFleet ? yield* runsChangedSince(id, seen.revision) : []
  const runs: ReadonlyArray<ExecutionEvent> =
    changed.length === 0 ? [] : [{ _tag: "Runs", runs: changed.map(({ run, state }) => ({ run, state })) }]
  const isCaughtUp = chunks.length < PAGE_CHUNKS
  const isLast = isCaughtUp && isSettled(header.state)
  const isNews = header.state !== seen.state && (isLast || !isSettled(header.state))
  const state: ReadonlyArray<ExecutionEvent> = isNews ? [{ _tag: "State", state: header.state }] : []
  const following: Seen = {
    after: chunks.at(-1)?.sequence ?? seen.after,
    state: isNews ? header.state : seen.state,
    revision: changed.at(-1)?.revision ?? seen.revision,
    isCaughtUp
  }
  const page = isLast ? [...runs, ...output, ...state] : [...state, ...runs, ...output]
  return [page, isLast ? Option.none() : Option.some(following)] as const
})
