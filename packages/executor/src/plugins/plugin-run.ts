// Runs of a plugin: each in a process of its own, which gets the secrets and the hosts of its plan and nothing else.
import { SecretReader } from "@fluxcybers/core"
import { Effect, Exit, Redacted } from "effect"
import type { Executor, RunContext, RunServices } from "../executor.ts"
import { hostText } from "../hosts.ts"
import { PluginBroke, RunError, type RunFailure, StartRefused, StopUnconfirmed } from "../run-error.ts"
import { openBroker } from "./broker.ts"
import type { ExecutorFacts, HostMessage, PluginMessage } from "./messages.ts"
import { loadedProcess, type Plugin } from "./plugin.ts"
import type { PluginProcess } from "./process.ts"

type Ended = { readonly isSuccess: boolean; readonly output: unknown }

interface Work extends Pick<RunContext, "target" | "output"> {
  readonly facts: ExecutorFacts
  readonly hosts: ReadonlyArray<string>
  readonly start: HostMessage
}

export const pluginRun =
  (plugin: Plugin, facts: ExecutorFacts): Executor["run"] =>
  ({ run, plan, target, stdin, output }) =>
    work(plugin, {
      facts,
      target,
      hosts: plan.hosts ?? [],
      output,
      start: {
        _tag: "Run",
        executor: facts.id,
        run,
        plan,
        ...(target === undefined ? {} : { target }),
        ...(stdin === undefined ? {} : { stdin })
      }
    })

export const pluginCheck =
  (plugin: Plugin, facts: ExecutorFacts): NonNullable<Executor["check"]> =>
  ({ target }) => {
    const start = { _tag: "Check" as const, executor: facts.id, ...(target === undefined ? {} : { target }) }
    return Effect.asVoid(work(plugin, { facts, target, hosts: [], output: () => Effect.void, start }))
  }

const work = (plugin: Plugin, wanted: Work): Effect.Effect<Ended, RunError, RunServices> => {
  const failed = (reason: RunFailure) => new RunError({ executor: wanted.facts.id, reason })
  return Effect.gen(function* () {
    const { target, hosts, facts } = wanted
    const places = target === undefined ? hosts : [...hosts, hostText(target)]
    const broker = places.length === 0 ? undefined : yield* openBroker(places)
    const { process } = yield* loadedProcess(plugin, { files: facts.needs.files ?? [], broker }).pipe(
      Effect.mapError(({ message }) => failed(new StartRefused({ detail: message })))
    )
    return yield* Effect.acquireUseRelease(
      Effect.sync(() => process.send(wanted.start)),
      () => untilEnd(process, wanted),
      (_, exit) => (Exit.hasInterrupts(exit) ? stop(process, { ...wanted, stopMs: plugin.limits.stopMs }) : Effect.void)
    )
  }).pipe(plugin.runs.withPermits(1))
}

/** Passes on what it writes and asks for, until it says how it ended. */
const untilEnd = Effect.fnUntraced(function* (process: PluginProcess, { facts, output }: Work) {
  const secrets = yield* SecretReader
  for (;;) {
    const message = yield* Effect.mapError(process.next, ({ message: detail }) =>
      runError(facts, new PluginBroke({ detail }))
    )
    if (message._tag === "Output") yield* output(message.stream, message.bytes)
    else if (message._tag === "Reveal") process.send(yield* reveal(secrets, message))
    else return yield* endOf(facts, message)
  }
})

const runError = ({ id }: ExecutorFacts, reason: RunFailure) => new RunError({ executor: id, reason })

const reveal = (
  secrets: SecretReader["Service"],
  { request, secret }: Extract<PluginMessage, { readonly _tag: "Reveal" }>
): Effect.Effect<HostMessage> =>
  secrets.reveal(secret).pipe(
    Effect.map((value) => ({ _tag: "Secret" as const, request, value: Redacted.value(value) })),
    Effect.catch((reason) => Effect.succeed({ _tag: "SecretRefused" as const, request, reason }))
  )

const endOf = (facts: ExecutorFacts, message: PluginMessage): Effect.Effect<Ended, RunError> => {
  switch (message._tag) {
    case "Succeeded":
      return Effect.succeed({ isSuccess: message.isSuccess, output: message.output })
    case "Failed":
      return Effect.fail(runError(facts, message.reason))
    case "BrokeDown":
      return Effect.fail(runError(facts, new PluginBroke({ detail: message.detail })))
    default:
      return Effect.fail(runError(facts, new PluginBroke({ detail: "It stopped without a reason." })))
  }
}

/** Told to stop, it says when it has; what it still writes until then is dropped. */
const stop = (
  process: PluginProcess,
  { facts, target, stopMs }: Work & { readonly stopMs: number }
): Effect.Effect<void, RunError> => {
  process.send({ _tag: "Stop" })
  const unconfirmed = runError(facts, new StopUnconfirmed({ target: target?.name ?? facts.id }))
  return untilStopped(process).pipe(
    Effect.timeoutOrElse({ duration: stopMs, orElse: () => Effect.fail(unconfirmed) }),
    Effect.catchTag("PluginProcessEnded", () => Effect.fail(unconfirmed)),
    Effect.flatMap((last) =>
      last._tag === "Failed" || last._tag === "BrokeDown" ? Effect.asVoid(endOf(facts, last)) : Effect.void
    )
  )
}

const untilStopped = Effect.fnUntraced(function* (process: PluginProcess) {
  for (;;) {
    const message = yield* process.next
    if (message._tag !== "Output" && message._tag !== "Reveal") return message
  }
})
