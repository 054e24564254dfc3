import { it } from "@effect/vitest"
import { AuditLog, CheckpointTimeout } from "@fluxcybers/core"
import { Deferred, Effect, Exit, Layer, Scope } from "effect"
import { TestClock } from "effect/testing"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { Gate, Targets } from "../src/index.ts"
import {
  actionsOn,
  ada,
  agent,
  decideAs,
  dispatcherLayer,
  ended,
  gateLayer,
  makeWorld,
  organisation,
  outputOf,
  proposeAs,
  testExecutor,
  web1
} from "./world.ts"

const granted = Effect.flatMap(proposeAs(agent), (proposed) => decideAs(ada, proposed))

/** An executor that says when it has started, and then waits. */
const hanging = () => {
  const started = Deferred.makeUnsafe<void>()
  const starts: Array<string> = []
  const executor = testExecutor({
    run: ({ run, output }) =>
      Effect.sync(() => starts.push(run)).pipe(
        Effect.andThen(output("stdout", new TextEncoder().encode("until here"))),
        Effect.andThen(Effect.sleep(200)),
        Effect.andThen(Deferred.succeed(started, undefined)),
        Effect.andThen(Effect.never)
      )
  })
  return { started, starts, world: makeWorld({ executors: [executor] }) }
}

/** Starts a dispatcher, waits for the moment, and stops it there without waiting for what runs. */
const crashAt = Effect.fnUntraced(function* (
  moment: Effect.Effect<unknown>,
  layer: ReturnType<typeof dispatcherLayer> = dispatcherLayer()
) {
  const scope = yield* Scope.make()
  yield* Layer.buildWithScope(Layer.fresh(layer), scope)
  yield* moment
  yield* Scope.close(scope, Exit.void)
})

/** An audit log of which one thing does not come to pass. */
const auditLog = (change: (log: AuditLog["Service"]) => Partial<AuditLog["Service"]>) =>
  Layer.effect(
    AuditLog,
    Effect.map(AuditLog, (log) => AuditLog.of({ ...log, ...change(log) }))
  )

describe.each(databases)("$name", (database) => {
  it.live("what ran when its node crashed is unknown, its output is kept, and it is never started again", () => {
    const { started, starts, world } = hanging()
    return Effect.gen(function* () {
      const { id } = yield* granted
      yield* crashAt(Deferred.await(started))
      expect(yield* (yield* Gate).get(organisation, id)).toMatchObject({ state: "running" })
      const execution = yield* ended(id).pipe(Effect.provide(dispatcherLayer()))
      expect(execution).toMatchObject({
        state: "unknown",
        detail: expect.stringContaining("it may have finished, or may still run"),
        runs: [{ state: "unknown", outcome: { outputBytes: 10 } }]
      })
      expect(yield* outputOf(id)).toBe("until here")
      expect(starts.length).toBe(1)
      expect((yield* actionsOn(id)).slice(-2)).toEqual(["execution.started", "execution.settled"])
    }).pipe(Effect.provide(gateLayer(world, database)))
  })

  it.live("what was claimed but had not started when its node crashed never starts", () => {
    const { starts, world } = hanging()
    const asked = Deferred.makeUnsafe<void>()
    const stuck = dispatcherLayer().pipe(
      Layer.provide(
        auditLog(() => ({ awaitCheckpoint: () => Effect.andThen(Deferred.succeed(asked, undefined), Effect.never) }))
      )
    )
    return Effect.gen(function* () {
      const { id } = yield* granted
      yield* crashAt(Deferred.await(asked), stuck)
      const execution = yield* ended(id).pipe(Effect.provide(dispatcherLayer()))
      expect(execution).toMatchObject({
        state: "failed",
        detail: "The server stopped, or broke down, before it was started. It did not run. Propose it again."
      })
      expect(execution.runs[0]!.startedAt).toBeUndefined()
      expect(starts).toEqual([])
    }).pipe(Effect.provide(gateLayer(world, database)))
  })

  it.live("what was granted when its node crashed is started by the next", () =>
    Effect.gen(function* () {
      const { id } = yield* granted
      expect(yield* ended(id).pipe(Effect.provide(dispatcherLayer()))).toMatchObject({ state: "succeeded" })
    }).pipe(Effect.provide(gateLayer(makeWorld(), database)))
  )

  it.live("without a checkpoint in time nothing runs", () => {
    const { starts, world } = hanging()
    const late = dispatcherLayer().pipe(
      Layer.provide(
        auditLog(() => ({ awaitCheckpoint: (id) => Effect.fail(new CheckpointTimeout({ id, waitedMs: 10_000 })) }))
      )
    )
    return Effect.gen(function* () {
      const execution = yield* ended((yield* granted).id).pipe(Effect.provide(late))
      expect(execution).toMatchObject({ state: "failed", detail: expect.stringContaining("It did not run") })
      expect(starts).toEqual([])
    }).pipe(Effect.provide(gateLayer(world, database)))
  })

  it.live("of several targets, those that ran are unknown and those that waited never start", () => {
    const { started, world } = hanging()
    world.executors[0] = testExecutor({
      needsTarget: true,
      run: () => Effect.andThen(Deferred.succeed(started, undefined), Effect.never)
    })
    return Effect.gen(function* () {
      for (const name of ["a", "b", "c"]) {
        yield* (yield* Targets).add({ organisation, actor: ada, settings: { ...web1, name } })
      }
      const { id } = yield* decideAs(ada, yield* proposeAs(agent, { targets: ["a", "b", "c"] }))
      yield* crashAt(Deferred.await(started), dispatcherLayer({ runsMax: 1 }))
      const execution = yield* ended(id).pipe(Effect.provide(dispatcherLayer()))
      expect(execution.runs.map(({ state }) => state)).toEqual(["unknown", "skipped", "skipped"])
      expect(execution.state).toBe("unknown")
    }).pipe(Effect.provide(gateLayer(world, database)))
  })

  it.live(
    "another node settles what a node without a sign of life left, and what that one says later changes nothing",
    () => {
      const finish = Deferred.makeUnsafe<void>()
      const started = Deferred.makeUnsafe<void>()
      const world = makeWorld({
        executors: [
          testExecutor({
            run: () =>
              Deferred.succeed(started, undefined).pipe(
                Effect.andThen(Deferred.await(finish)),
                Effect.as({ exitCode: 0 })
              )
          })
        ]
      })
      return Effect.gen(function* () {
        const { id } = yield* granted
        const scope = yield* Scope.make()
        yield* Layer.buildWithScope(Layer.fresh(dispatcherLayer({ node: "frozen" })), scope)
        yield* Deferred.await(started)
        const execution = yield* Effect.gen(function* () {
          // The frozen node's heart stands still while the other one's minute passes.
          for (let second = 0; second < 62; second++) {
            yield* TestClock.adjust("1 second")
            yield* TestClock.withLive(Effect.sleep(5))
          }
          return yield* TestClock.withLive(ended(id))
        }).pipe(
          Effect.provide(
            Layer.fresh(dispatcherLayer({ node: "other", lookEveryMs: 1_000 })).pipe(
              Layer.provideMerge(TestClock.layer())
            )
          )
        )
        expect(execution).toMatchObject({ state: "unknown" })
        yield* Deferred.succeed(finish, undefined)
        const run = execution.runs[0]!.id
        while (!(yield* actionsOn(run)).includes("run.reported-late")) yield* Effect.sleep(10)
        expect(yield* (yield* Gate).get(organisation, id)).toEqual(execution)
        const late = (yield* (yield* AuditLog).list({ organisation, action: "run.reported-late" }))[0]!.entry
        expect(late.facts).toMatchObject({ settledAs: "unknown", reported: "succeeded", exitCode: 0, execution: id })
        yield* Scope.close(scope, Exit.void)
      }).pipe(Effect.provide(gateLayer(world, database)))
    }
  )

  it.live("a node that was frozen before the start cannot start what was settled without it", () => {
    const { starts, world } = hanging()
    const asked = Deferred.makeUnsafe<void>()
    const thaw = Deferred.makeUnsafe<void>()
    const frozen = dispatcherLayer().pipe(
      Layer.provide(
        auditLog(() => ({
          awaitCheckpoint: () => Effect.andThen(Deferred.succeed(asked, undefined), Deferred.await(thaw))
        }))
      )
    )
    return Effect.gen(function* () {
      const { id } = yield* granted
      const scope = yield* Scope.make()
      yield* Layer.buildWithScope(Layer.fresh(frozen), scope)
      yield* Deferred.await(asked)
      // The same node starts anew while its old process still stands there.
      const execution = yield* ended(id).pipe(Effect.provide(Layer.fresh(dispatcherLayer())))
      expect(execution.state).toBe("failed")
      yield* Deferred.succeed(thaw, undefined)
      yield* Effect.sleep(200)
      expect(starts).toEqual([])
      expect(yield* (yield* Gate).get(organisation, id)).toEqual(execution)
      yield* Scope.close(scope, Exit.void)
    }).pipe(Effect.provide(gateLayer(world, database)))
  })

  it.live("a stop of the host waits for what runs", () => {
    const started = Deferred.makeUnsafe<void>()
    const world = makeWorld({
      executors: [
        testExecutor({
          run: () =>
            Deferred.succeed(started, undefined).pipe(Effect.andThen(Effect.sleep(300)), Effect.as({ exitCode: 0 }))
        })
      ]
    })
    return Effect.gen(function* () {
      const { id } = yield* granted
      yield* crashAt(Deferred.await(started), dispatcherLayer({ drainMs: 10_000 }))
      expect(yield* (yield* Gate).get(organisation, id)).toMatchObject({ state: "succeeded" })
    }).pipe(Effect.provide(gateLayer(world, database)))
  })
})
