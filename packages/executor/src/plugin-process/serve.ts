// Serves the host of a plugin's process: plans, and one run or check at a time.
import type { Socket } from "node:net"
import { Cause, Effect, Exit } from "effect"
import type { Executor } from "../executor.ts"
import { linesOf } from "../plugins/lines.ts"
import { readHostLine } from "../plugins/messages.ts"
import { type Run, runPlan } from "./run-plan.ts"
import { brief, type Send, sender } from "./send.ts"

/** Until the host closes the channel. */
export const serve = async (channel: Socket, load: () => Promise<ReadonlyArray<Executor>>): Promise<void> => {
  const send = sender(channel)
  let executors: ReadonlyArray<Executor> = []
  try {
    executors = await load()
    await send({ _tag: "Ready", executors: executors.map(factsOf) })
  } catch (cause) {
    await send({ _tag: "LoadFailed", detail: brief(cause) })
  }
  const find = (id: string) => executors.find((executor) => executor.id === id)
  let run: Run | undefined
  for await (const line of linesOf(channel)) {
    const message = readHostLine(line)
    if (message._tag === "Plan") await answerPlan(find(message.executor), message.input, send)
    else if (message._tag === "Run" || message._tag === "Check") run = runPlan(find(message.executor)!, message, send)
    else run?.tell(message)
  }
}

const factsOf = ({ id, version, sdk, summary, needsTarget, needs = {}, check }: Executor) => ({
  id,
  version,
  ...(sdk === undefined ? {} : { sdk }),
  summary,
  needsTarget,
  needs,
  canCheck: check !== undefined
})

const answerPlan = async (executor: Executor | undefined, input: unknown, send: Send): Promise<void> => {
  const exit = await Effect.runPromiseExit(executor!.plan(input))
  if (Exit.isSuccess(exit)) return send({ _tag: "Planned", draft: exit.value })
  const found = Cause.findErrorOption(exit.cause)
  return send(
    found._tag === "Some"
      ? { _tag: "Refused", detail: brief(found.value) }
      : { _tag: "BrokeDown", detail: brief(Cause.squash(exit.cause)) }
  )
}
