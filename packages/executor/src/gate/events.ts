// What an execution shows, in order and live: recorded output, and changes of state.
import { type ExecutionId, type OrganisationId, type RunId } from "@fluxcybers/core"
import { Effect, Option, Stream } from "effect"
import { type Bell, Changes } from "../changes.ts"
import type { ExecutionState } from "../execution.ts"
import { isSettled } from "../state.ts"
import { openChunks } from "../store/chunks.ts"
import { findHeader } from "../store/execution-reads.ts"
import { headerOf } from "./look.ts"

/**
 * A piece of recorded (masked) output, or a change of state. `sequence` counts the pieces of one execution from 1; giving the last one
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
      return Stream.paginate({ after, state: undefined, isCaughtUp: false }, (seen: Seen) => next({ id, seen, bell }))
    })
  )

interface Seen {
  readonly after: number
  readonly state: ExecutionState | undefined
  /** Everything there was has been read: the next look can wait for news. */
  readonly isCaughtUp: boolean
}

const next = Effect.fnUntraced(function* (look: {
  readonly id: ExecutionId
  readonly seen: Seen
  readonly bell: Bell
}) {
  const { id, seen, bell } = look
  if (seen.isCaughtUp) yield* bell(LOOK_EVERY_MS)
  // The state before the output: what a settled execution shows is complete.
  const header = yield* findHeader(id)
  if (header === undefined) return [[], Option.none()] as const
  const chunks = yield* openChunks(header, { after: seen.after, limit: PAGE_CHUNKS })
  const output = chunks.map((chunk): ExecutionEvent => ({ _tag: "Output", ...chunk }))
  const isCaughtUp = chunks.length < PAGE_CHUNKS
  const isLast = isCaughtUp && isSettled(header.state)
  const isNews = header.state !== seen.state && (isLast || !isSettled(header.state))
  const state: ReadonlyArray<ExecutionEvent> = isNews ? [{ _tag: "State", state: header.state }] : []
  const following: Seen = {
    after: chunks.at(-1)?.sequence ?? seen.after,
    state: isNews ? header.state : seen.state,
    isCaughtUp
  }
  const page = isLast ? [...output, ...state] : [...state, ...output]
  return [page, isLast ? Option.none() : Option.some(following)] as const
})
