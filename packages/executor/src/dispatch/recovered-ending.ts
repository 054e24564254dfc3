// How a recoverable run ended, from what its target says.
import { Exit } from "effect"
import type { ExecutorResult } from "../executor.ts"
import type { Plan } from "../plan.ts"
import type { Recovered } from "../recovery.ts"
import { type Ending, endingOf, type StopReason, stoppedEnding } from "./ending.ts"

/** `why`: what this server told it to stop for. The target's own word counts, but for what only the server can know. */
export const endingOfRecovered = (end: Recovered<ExecutorResult>, plan: Plan, why?: StopReason): Ending => {
  switch (end._tag) {
    case "Lost":
      return { state: "unknown", detail: LOST }
    case "NeverStarted":
      return why === "cancelled" ? { state: "cancelled", detail: CANCELLED_BEFORE } : { state: "failed", detail: NEVER }
    case "Ended": {
      const reason = why === "output-limit" || why === "not-recorded" ? why : end.why
      return reason === undefined ? endingOf(Exit.succeed(end.result)) : stoppedEnding(reason, plan, Exit.interrupt())
    }
  }
}

const LOST =
  "The target no longer knows how it ended: it was restarted, or what waited for the command there was killed. Look at the target before you repeat it."
const NEVER =
  "The server stopped, or lost its connection, before the command was started. It did not run, and this run never will. Propose it again."
const CANCELLED_BEFORE = "It was cancelled before it was started. It did not run."
