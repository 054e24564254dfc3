// Runs that outlive their connection: what an executor must be able to do for plans with `recoverable`.
import type { Effect } from "effect"
import type { RunContext, RunServices } from "./executor.ts"
import type { RunError } from "./run-error.ts"

/** How many bytes of each stream, from its beginning. */
export interface StreamOffsets {
  readonly stdout: number
  readonly stderr: number
}

/** Why a recoverable run is told to stop. */
export type RecoveryStop = "cancelled" | "timed-out" | "output-limit" | "not-recorded"

/** What the target says at the end. */
export type Recovered<Out> =
  | { readonly _tag: "Ended"; readonly result: Out; readonly why?: RecoveryStop }
  /** It has not started, and never will: the target refuses every later start of this run. */
  | { readonly _tag: "NeverStarted" }
  /** The target no longer knows: it was restarted, say. */
  | { readonly _tag: "Lost" }

/** A run of a plan with `recoverable`, from now on. */
export interface FollowContext extends RunContext {
  /** Where the output that is handed over begins. */
  readonly from: StreamOffsets
  /** It has not been started; otherwise somebody has, or wanted to, perhaps in another process. */
  readonly isNew: boolean
}

/**
 * Each of these may be called again, and by several processes at once. Interrupting them leaves the run as it is.
 */
export interface Recovery<Out> {
  /**
   * Starts the run if it is new, and hands over its output up to its end. Fails with `ConnectionLost` only after the target has answered, or may
   * have started it; of a new run every other failure means that it did not start, and never will.
   */
  readonly follow: (context: FollowContext) => Effect.Effect<Recovered<Out>, RunError, RunServices>
  /** Ends the run; when it has not started, makes sure that it never does. */
  readonly stop: (
    context: Omit<RunContext, "output">,
    why: RecoveryStop
  ) => Effect.Effect<Recovered<Out>, RunError, RunServices>
  /** Its result is recorded: the target need not keep it any longer. */
  readonly release: (context: Omit<RunContext, "output">) => Effect.Effect<void, RunError, RunServices>
}
