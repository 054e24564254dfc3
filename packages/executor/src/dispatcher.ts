// The dispatcher: finds what was granted, and sees each to its end. Any number of them may work on one database.
import type { AuditLog, Database, ExecutionId, SubjectCipher } from "@fluxcybers/core"
import { Cause, Context, Effect, Fiber, FiberMap, Layer, type Scope } from "effect"
import { Changes } from "./changes.ts"
import type { Held, Node } from "./dispatch/claim.ts"
import { expireOverdue } from "./dispatch/expire-overdue.ts"
import { beating, enter, makeNodeWatch } from "./dispatch/node-watch.ts"
import { DEFAULT_DISPATCHER_SETTINGS, type DispatcherSettings } from "./dispatch/settings.ts"
import { dispatch, resume } from "./dispatch/supervise.ts"
import { randomNonce } from "./nonce.ts"
import type { Policies } from "./policies.ts"
import type { SecretSource } from "./ports.ts"
import type { Executors } from "./registry.ts"
import { grantedExecutions } from "./store/nodes.ts"
import type { Targets } from "./targets.ts"

export type { DispatcherSettings } from "./dispatch/settings.ts"

/** What a dispatcher stands on. */
export type DispatcherServices = Database | AuditLog | SubjectCipher | Executors | Targets | SecretSource | Policies

/**
 * Works for as long as its layer's scope is open. When it starts it takes over what an earlier start of the same node left behind, where
 * the target can be asked for it, and settles the rest; when it stops it takes nothing new and waits for what runs (`drainMs`). Audit entries: see `Gate`.
 */
export class Dispatcher extends Context.Service<
  Dispatcher,
  {
    /** The name of this node. */
    readonly node: string
    /** Which start of the node this is. */
    readonly boot: string
  }
>()("fluxcybers/executor/Dispatcher") {
  static readonly layer = (
    settings: Pick<DispatcherSettings, "node"> & Partial<DispatcherSettings>
  ): Layer.Layer<Dispatcher, never, DispatcherServices> =>
    Layer.effect(Dispatcher, start({ ...DEFAULT_DISPATCHER_SETTINGS, ...settings })).pipe(Layer.provide(Changes.layer))
}

const start = Effect.fnUntraced(function* (
  settings: DispatcherSettings
): Effect.fn.Return<Dispatcher["Service"], never, DispatcherServices | Changes | Scope.Scope> {
  const self = { node: settings.node, boot: yield* randomNonce }
  const taken = yield* enter(self)
  // A scope closes in reverse: first nothing new is taken, then what runs may end, then the heart stops.
  const running = yield* FiberMap.make<ExecutionId>()
  const heart = yield* Effect.forkScoped(beating(self, settings.goneAfterMs))
  yield* Effect.addFinalizer(() => Effect.timeoutOption(Effect.exit(FiberMap.awaitEmpty(running)), settings.drainMs))
  const superseded = Effect.andThen(Fiber.await(heart), Effect.logError(SUPERSEDED, { node: self.node }))
  const desk = { self, settings, running }
  yield* goOn(desk, taken)
  yield* Effect.forkScoped(Effect.raceFirst(lookForEver(desk), superseded))
  return Dispatcher.of(self)
})

const SUPERSEDED = "Another process has started under this node's name. This one takes no more executions."

interface Desk {
  readonly self: Node
  readonly settings: DispatcherSettings
  readonly running: FiberMap.FiberMap<ExecutionId>
}

const lookForEver = Effect.fnUntraced(function* (desk: Desk) {
  const bell = yield* (yield* Changes).listen()
  const goneWatch = makeNodeWatch(desk.self, desk.settings.goneAfterMs)
  const look = expireOverdue.pipe(
    Effect.andThen(goneWatch),
    Effect.flatMap((taken) => goOn(desk, taken)),
    Effect.andThen(startGranted(desk)),
    Effect.catchCause((cause) => Effect.logError("The dispatcher could not look; it tries again.", cause)),
    Effect.andThen(bell(desk.settings.lookEveryMs))
  )
  return yield* Effect.forever(look)
}, Effect.scoped)

const startGranted = Effect.fnUntraced(function* ({ self, settings, running }: Desk) {
  for (const id of yield* grantedExecutions(settings.executionsMax)) {
    if ((yield* FiberMap.size(running)) >= settings.executionsMax) return
    const work = dispatch(id, self, settings).pipe(Effect.catchCause(logUnlessInterrupted(id)))
    yield* FiberMap.run(running, id, work, { onlyIfMissing: true })
  }
})

/** What was taken over goes on, however much runs here already. */
const goOn = Effect.fnUntraced(function* ({ settings, running }: Desk, taken: ReadonlyArray<Held>) {
  for (const held of taken) {
    const { id } = held.header
    // This node had it before, and another one in between: what still follows it here ends first.
    const before = yield* FiberMap.get(running, id)
    const ended = before._tag === "Some" ? Fiber.interrupt(before.value) : Effect.void
    const work = Effect.andThen(ended, resume(held, settings)).pipe(Effect.catchCause(logUnlessInterrupted(id)))
    yield* FiberMap.run(running, id, work)
  }
})

const logUnlessInterrupted = (execution: ExecutionId) => (cause: Cause.Cause<unknown>) =>
  Cause.hasInterruptsOnly(cause)
    ? Effect.interrupt
    : Effect.logError("An execution could not be dispatched.", { execution }, cause)
