// Runs commands on this host, without a shell unless the plan is a script.
import { Effect, Exit } from "effect"
import { CommandInput, CommandResult, draftCommand, isCommandSuccess } from "./command-input.ts"
import { defineExecutor } from "./define.ts"
import type { Executor, RunContext } from "./executor.ts"
import { type LocalProcess, startProcess, stopProcess } from "./local-process.ts"
import { forward, outputSource } from "./output-source.ts"
import { RunError, type RunFailure } from "./run-error.ts"
import { revealSecretEnv } from "./secret-env.ts"

const ID = "local"

/**
 * Runs an argument vector directly, or a script with `/bin/sh`, as the account that this process runs as. The command gets a clean
 * environment: PATH, HOME and LANG of this process, and what the plan adds. It runs in a session of its own, which is killed as a
 * whole when the run is interrupted: TERM, and KILL after 5 seconds. A process that makes itself a session of its own is not killed.
 */
export const localExecutor: Executor = defineExecutor({
  id: ID,
  version: "1",
  summary: "Runs a command on this host.",
  needsTarget: false,
  input: CommandInput,
  output: CommandResult,
  plan: draftCommand,
  isSuccess: isCommandSuccess,
  run: (context) => runCommand(context)
})

const runError = (reason: RunFailure) => new RunError({ executor: ID, reason })

/** Each step makes its own RunErrors: a failure that comes with an interruption does not pass through one `mapError` around all. */
const runCommand = Effect.fnUntraced(function* ({ plan, stdin, output }: RunContext) {
  const secretEnv = yield* Effect.mapError(revealSecretEnv(plan), runError)
  return yield* Effect.acquireUseRelease(
    Effect.mapError(startProcess(plan, { secretEnv, stdin }), runError),
    (process) => untilExit(process, output),
    (process, exit) => (Exit.isSuccess(exit) ? Effect.void : Effect.mapError(stopProcess(process), runError))
  )
})

const untilExit = Effect.fnUntraced(function* (process: LocalProcess, output: RunContext["output"]) {
  const sources = { stdout: outputSource(process.stdout), stderr: outputSource(process.stderr) }
  const exit = Effect.tap(
    Effect.promise(() => process.exited),
    () => {
      sources.stdout.exited()
      sources.stderr.exited()
      return Effect.void
    }
  )
  const [result] = yield* Effect.all(
    [
      exit,
      forward(sources.stdout, (bytes) => output("stdout", bytes)),
      forward(sources.stderr, (bytes) => output("stderr", bytes))
    ],
    { concurrency: "unbounded" }
  )
  process.stdout.destroy()
  process.stderr.destroy()
  return result
})
