// How the program ends: what is printed about a failure, and the exit status.
import { Cause } from "effect"
import { CliError } from "effect/cli"
import { type ExitName, exitStatus } from "./exit-codes.ts"
import { CliFailure, ExitWith, failureText, problemDocument } from "./failure.ts"
import { OutputClosed } from "./output.ts"
import { QuestionLeft } from "./questions.ts"
import { type StopSignal, statusOfSignal } from "./signals.ts"

/** 128 + SIGPIPE, which is how programs end whose reader left. */
const OUTPUT_CLOSED_STATUS = 141

/** How the program was called, as far as its ending needs to know, also when the arguments cannot be parsed. */
export interface Invocation {
  readonly isJson: boolean
  readonly isRun: boolean
}

const FLAGS_WITH_VALUE = ["--url", "--profile", "--log-level", "--completions"]

export const invocation = (args: ReadonlyArray<string>): Invocation => {
  const end = args.indexOf("--")
  const own = end === -1 ? args : args.slice(0, end)
  const first = own.find((arg, index) => !arg.startsWith("-") && !FLAGS_WITH_VALUE.includes(own[index - 1] ?? ""))
  return { isJson: own.includes("--json") || own.includes("--json=true"), isRun: first === "run" }
}

/** Prints what there is to say about the failure, and gives the exit status. */
export const ending = (cause: Cause.Cause<unknown>, called: Invocation, signal: StopSignal | undefined): number => {
  if (signal !== undefined && Cause.hasInterruptsOnly(cause))
    return ofLeaving(called, "declined", statusOfSignal(signal))
  const error = Cause.squash(cause)
  if (error instanceof ExitWith) return error.exitCode
  if (error instanceof CliFailure) return say(error, called)
  if (error instanceof QuestionLeft) return ofLeaving(called, "declined", statusOfSignal("SIGINT"))
  if (error instanceof OutputClosed) return ofLeaving(called, "detached", OUTPUT_CLOSED_STATUS)
  if (CliError.isCliError(error)) return ofCommandLine(error, called)
  return say(internalFailure(error), called)
}

const say = (failure: CliFailure, { isJson, isRun }: Invocation): number => {
  process.stderr.write(isJson ? `${JSON.stringify(problemDocument(failure, isRun), null, 2)}\n` : failureText(failure))
  return exitStatus(failure.exit, isRun)
}

/** Help that was asked for is a success; a wrong command line was explained by the presenter already. */
const ofCommandLine = (error: CliError.CliError, { isRun }: Invocation): number =>
  error._tag === "ShowHelp" && error.errors.length === 0 ? 0 : exitStatus("usage", isRun)

/** The person or the reader of the output went away. `run` keeps the statuses below its own for the remote command. */
const ofLeaving = ({ isRun }: Invocation, inRun: ExitName, status: number): number =>
  isRun ? exitStatus(inRun, true) : status

const internalFailure = (error: unknown): CliFailure =>
  new CliFailure({
    exit: "failure",
    code: "internal",
    title: "Error in the program",
    detail:
      `An error in this program: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n` +
      "Whether anything was changed is not known. Please report it with the lines above."
  })
