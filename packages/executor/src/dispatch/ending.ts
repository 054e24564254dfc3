// How a run ended, from what its executor returned, failed with, or was stopped for.
import type { SecretDenied } from "@fluxcybers/core"
import { Cause, Exit, Option, Result, Schema } from "effect"
import type { RunState } from "../execution.ts"
import type { Plan } from "../plan.ts"
import type { RunError, RunFailure } from "../run-error.ts"

/** The end of a run. */
export interface Ending {
  readonly state: Exclude<RunState, "waiting" | "running" | "skipped">
  readonly exitCode?: number
  readonly signal?: string
  /** Why it did not succeed, for a person. */
  readonly detail?: string
}

/** Why a run is told to stop before its own end. */
export type StopReason = "cancelled" | "timed-out" | "output-limit" | "not-recorded"

type RunExit = Exit.Exit<{ readonly isSuccess: boolean; readonly output: unknown }, RunError>

/** The end of a run that nobody stopped. */
export const endingOf = (exit: RunExit): Ending => {
  if (Exit.isSuccess(exit)) return returned(exit.value)
  const error = Cause.findError(exit.cause)
  // A failure that comes together with a defect (of a finalizer, say) is not the whole story.
  if (Result.isFailure(error) || Cause.hasDies(exit.cause)) return { state: "unknown", detail: BROKE_DOWN }
  const { reason } = error.success
  return { state: UNKNOWN.has(reason._tag) ? "unknown" : "failed", detail: sentence(reason) }
}

const UNKNOWN: ReadonlySet<RunFailure["_tag"]> = new Set(["ConnectionLost", "StopUnconfirmed", "PluginBroke"])

/** What happened, what was not done, what to do next. */
const sentence = (failure: RunFailure): string =>
  failure._tag === "SecretDenied" ? `${failure.message} ${SECRET_ADVICE[failure.reason]}` : failure.message

const SECRET_ADVICE = {
  "not-in-plan": "The approved plan does not name it: report this to the author of the executor.",
  unknown: "Put the secret, then propose it again.",
  destroyed: "Put a new secret, then propose it again.",
  "version-changed": "It was rotated after the approval: propose it again.",
  expired: "Rotate it to a new value, then propose it again.",
  "cannot-open": "It was altered, or sealed with another root key: put it again."
} as const satisfies Record<SecretDenied["reason"], string>

/** The end of a run that was stopped; `exit` is absent when it did not confirm the stop in time. */
export const stoppedEnding = (why: StopReason, plan: Plan, exit: RunExit | undefined): Ending => {
  const { state, because } = stopped(why, plan)
  if (exit === undefined) {
    return {
      state: "unknown",
      detail: `It was told to stop because ${because}, but did not confirm that: it may still run. Look at the target.`
    }
  }
  // It came to its own end while it was told to stop: that is the truth.
  if (Exit.isSuccess(exit) || !Cause.hasInterruptsOnly(exit.cause)) return endingOf(exit)
  return { state, detail: `It was stopped because ${because}. What it did until then stands.` }
}

const stopped = (why: StopReason, { timeoutMs, outputBytesMax }: Plan) => {
  switch (why) {
    case "cancelled":
      return { state: "cancelled", because: "it was cancelled" } as const
    case "timed-out":
      return { state: "timed_out", because: `its time limit of ${timeoutMs} ms was over` } as const
    case "output-limit":
      return { state: "failed", because: `it wrote more than its output limit of ${outputBytesMax} bytes` } as const
    case "not-recorded":
      return { state: "failed", because: "its output could not be recorded: the storage refused it" } as const
  }
}

const BROKE_DOWN =
  "The executor broke down after the start. The command may have finished, or may still run: look at the target before you repeat it."

const returned = (result: { readonly isSuccess: boolean; readonly output: unknown }): Ending => {
  const status = statusOf(result.output)
  return result.isSuccess
    ? { state: "succeeded", ...status }
    : { state: "failed", ...status, detail: unsuccessful(status) }
}

type Status = Pick<Ending, "exitCode" | "signal">

const unsuccessful = ({ exitCode, signal }: Status): string => {
  if (signal !== undefined) return `It was ended by the signal ${signal}.`
  return exitCode === undefined
    ? "The executor says that it did not succeed."
    : `It ended with exit status ${exitCode}.`
}

/** Executors that run commands return these; others need not. */
const ExitStatus = Schema.Struct({
  exitCode: Schema.optionalKey(Schema.NullOr(Schema.Int)),
  signal: Schema.optionalKey(Schema.NullOr(Schema.String))
})

const statusOf = (output: unknown): Status => {
  const { exitCode, signal } = Option.getOrElse(
    Schema.decodeUnknownOption(ExitStatus)(output),
    (): typeof ExitStatus.Type => ({})
  )
  return {
    ...(exitCode === undefined || exitCode === null ? {} : { exitCode }),
    ...(signal === undefined || signal === null ? {} : { signal })
  }
}
