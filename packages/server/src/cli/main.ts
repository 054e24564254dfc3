// The command line `fluxcybers`: runs the command that the arguments name, and ends with the status that `exit-codes.ts` says.
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Exit, Fiber, Layer } from "effect"
import { Command } from "effect/cli"
import { ending, invocation } from "./ending.ts"
import { presenterLayer } from "./help.ts"
import { keepClosedPipesQuiet } from "./output.ts"
import { Questions } from "./questions.ts"
import { root } from "./root.ts"
import { type StopSignal, StopSignals } from "./signals.ts"
import { VERSION } from "./version.ts"

const main = async (args: ReadonlyArray<string>): Promise<number> => {
  keepClosedPipesQuiet()
  const called = invocation(args)
  let received: StopSignal | undefined
  const program = Command.runWith(root, { version: VERSION, renderErrors: true })(args)
  const fiber = Effect.runFork(
    program.pipe(
      Effect.provide(
        Layer.mergeAll(
          NodeServices.layer,
          Questions.layer,
          presenterLayer(called),
          StopSignals.layer((signal) => {
            received = signal
            fiber.interruptUnsafe()
          })
        )
      )
    )
  )
  const exit = await Effect.runPromise(Fiber.await(fiber))
  return Exit.isSuccess(exit) ? 0 : ending(exit.cause, called, received)
}

process.exitCode = await main(process.argv.slice(2))
