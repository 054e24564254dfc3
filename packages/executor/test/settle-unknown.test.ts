import { it } from "@effect/vitest"
import { AuditLog } from "@fluxcybers/core"
import { Deferred, Effect, Exit, Layer, Scope } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import type { ExecutorResult } from "../src/executor.ts"
import { type Executor, Gate, type Recovered, Targets } from "../src/index.ts"
import {
  actionsOn,
  ada,
  agent,
  cyd,
  decideAs,
  dispatcherLayer,
  ended,
  gateLayer,
  organisation,
  proposeAs,
  service,
  team,
  testExecutor,
  web1
} from "./world.ts"

/** An executor whose runs are left behind; where they are recoverable, these are the answers of their target, one after the other. */
const leftBehind = (answers: ReadonlyArray<Recovered<ExecutorResult>> = []) => {
  const started = Deferred.makeUnsafe<void>()
  const hanging = Effect.andThen(Deferred.succeed(started, undefined), Effect.never)
  const left = [...answers]
  const plan = () => ({
    command: { _tag: "Argv", argv: ["echo"] } as const,
    sentence: "Says nothing.",
    ...(answers.length === 0 ? {} : { recoverable: {} })
  })
  const executor: Executor = {
    ...testExecutor({ needsTarget: true, plan, run: () => hanging }),
    recovery: {
      follow: ({ isNew }) => (isNew || left.length === 0 ? hanging : Effect.sync(() => left.shift()!)),
      stop: () => Effect.never,
      release: () => Effect.void
    }
  }
  const world = team()
  world.executors[0] = executor
  return { started, world }
}

const settle = Effect.fnUntraced(function* (
  execution: Parameters<Gate["Service"]["settle"]>[0]["execution"],
  more: Partial<Parameters<Gate["Service"]["settle"]>[0]> = {}
) {
  const gate = yield* Gate
  return yield* gate.settle({ organisation, actor: ada, execution, found: "succeeded", reason: "seen", ...more })
})

/** Runs on these targets, and nobody knows how they ended. */
const unknownOn = Effect.fnUntraced(function* (started: Deferred.Deferred<void>, names: ReadonlyArray<string>) {
  for (const name of names) {
    yield* (yield* Targets).add({ organisation, actor: ada, settings: { ...web1, name } })
  }
  const { id } = yield* decideAs(ada, yield* proposeAs(agent, { targets: names }))
  const scope = yield* Scope.make()
  yield* Layer.buildWithScope(Layer.fresh(dispatcherLayer()), scope)
  yield* Deferred.await(started)
  const gate = yield* Gate
  while ((yield* gate.get(organisation, id)).runs.some(({ state }) => state !== "running")) yield* Effect.sleep(5)
  yield* Scope.close(scope, Exit.void)
  return yield* ended(id).pipe(Effect.provide(Layer.fresh(dispatcherLayer())))
})

describe.each(databases)("an unknown run on $name", (database) => {
  it.live("is settled by a person who says how they know; the log says so, and has the reason sealed", () => {
    const { started, world } = leftBehind()
    return Effect.gen(function* () {
      const { id, runs } = yield* unknownOn(started, ["a"])
      const settled = yield* settle(id, { found: "not-run", reason: "the host was off: canary-19ac" })
      expect(settled).toMatchObject({
        state: "failed",
        runs: [{ state: "failed", outcome: { detail: expect.stringContaining("had not run") } }]
      })
      expect(yield* actionsOn(runs[0]!.id)).toEqual(["run.settled", "run.unknown-settled"])
      expect((yield* actionsOn(id)).slice(-1)).toEqual(["execution.settled"])
      const log = yield* AuditLog
      const listed = yield* log.list({ organisation, action: "run.unknown-settled" })
      expect(listed[0]!.entry.facts).toMatchObject({ execution: id, found: "not-run", state: "failed" })
      // The leaf, which stays for ever, has an alias for it.
      expect(listed[0]!.leaf).not.toContain("canary-19ac")
      expect(yield* Effect.flip(settle(id))).toMatchObject({ reason: "not-unknown" })
    }).pipe(Effect.provide(gateLayer(world, database)))
  })

  it.live("is settled by nobody but a member whose role may, and with a reason", () => {
    const { started, world } = leftBehind()
    return Effect.gen(function* () {
      const execution = yield* unknownOn(started, ["a"])
      const refusals = [
        [{ actor: agent }, "not-a-person"],
        [{ actor: service }, "not-a-person"],
        [{ actor: cyd }, "role"],
        [{ reason: " " }, "reason"],
        [{ reason: "x".repeat(1_001) }, "reason"],
        [{ found: "ask" }, "not-recoverable"]
      ] as const
      for (const [more, reason] of refusals) {
        const refused = yield* Effect.flip(settle(execution.id, more))
        expect(refused).toMatchObject({ _tag: "SettlementRefused", reason })
        expect(refused.message).toContain("Nothing was changed.")
      }
      expect(yield* (yield* Gate).get(organisation, execution.id)).toEqual(execution)
    }).pipe(Effect.provide(gateLayer(world, database)))
  })

  it.live("of several is named, and the execution has its outcome with the last", () => {
    const { started, world } = leftBehind()
    return Effect.gen(function* () {
      const { id, runs } = yield* unknownOn(started, ["a", "b"])
      expect(yield* Effect.flip(settle(id))).toMatchObject({ reason: "which-run" })
      expect(yield* settle(id, { run: runs[0]!.id })).toMatchObject({ state: "unknown" })
      expect(yield* settle(id, { run: runs[1]!.id })).toMatchObject({ state: "succeeded" })
    }).pipe(Effect.provide(gateLayer(world, database)))
  })

  it.live("that was recoverable is settled by what its target says now", () => {
    const result = { isSuccess: false, output: { exitCode: 7 } }
    const { started, world } = leftBehind([{ _tag: "Lost" }, { _tag: "Lost" }, { _tag: "Ended", result }])
    return Effect.gen(function* () {
      const { id } = yield* unknownOn(started, ["a"])
      expect(yield* Effect.flip(settle(id, { found: "ask" }))).toMatchObject({ reason: "no-answer" })
      expect(yield* settle(id, { found: "ask" })).toMatchObject({
        state: "failed",
        runs: [{ state: "failed", outcome: { exitCode: 7 } }]
      })
    }).pipe(Effect.provide(gateLayer(world, database)))
  })
})
