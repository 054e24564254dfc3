import { it } from "@effect/vitest"
import { AuditLog, Database } from "@fluxcybers/core"
import { Deferred, Effect, Exit, Layer, Scope, Stream } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { type Execution, Gate, type RunContext, Targets } from "../src/index.ts"
import {
  actionsOn,
  ada,
  agent,
  decideAs,
  dispatcherLayer,
  ended,
  gateLayer,
  hostLayer,
  makeWorld,
  organisation,
  proposeAs,
  testExecutor,
  web1
} from "./world.ts"

/** An executor on targets; `exitCode` says how it ends on each. */
const world = (exitCode: (name: string, context: RunContext) => Effect.Effect<number> = () => Effect.succeed(0)) =>
  makeWorld({
    executors: [
      testExecutor({
        needsTarget: true,
        run: (context) => Effect.map(exitCode(context.target!.name, context), (code) => ({ exitCode: code }))
      })
    ]
  })

/** Targets `web-1` to `web-<count>`, all with the tag `web`. */
const addFleet = Effect.fnUntraced(function* (count: number) {
  const targets = yield* Targets
  for (let number = 1; number <= count; number++) {
    const settings = { ...web1, name: `web-${number}`, tags: ["web"] }
    yield* targets.add({ organisation, actor: ada, settings })
  }
})

const change = Effect.fnUntraced(function* (
  target: string,
  settings: Parameters<Targets["Service"]["change"]>[0]["settings"]
) {
  return yield* (yield* Targets).change({ organisation, actor: ada, target, settings })
})

const approved = Effect.fnUntraced(function* (more: Parameters<typeof proposeAs>[1]) {
  return yield* decideAs(ada, yield* proposeAs(agent, { targets: ["tag:web"], ...more }))
})

const statesOf = ({ runs }: Execution) => runs.map(({ state }) => state)

describe.each(databases)("$name", (database) => {
  it.live("tags are resolved when it is proposed: what changes afterwards is not run, and the others are", () =>
    Effect.gen(function* () {
      yield* addFleet(4)
      const { id, plan } = yield* approved({ targets: ["web-4", "tag:web"] })
      expect(plan.targets.map(({ name, selectedBy }) => [name, selectedBy])).toEqual([
        ["web-4", undefined],
        ["web-1", "tag:web"],
        ["web-2", "tag:web"],
        ["web-3", "tag:web"]
      ])
      yield* (yield* Targets).add({ organisation, actor: ada, settings: { ...web1, name: "late", tags: ["web"] } })
      yield* change("web-1", { tags: ["retired"] })
      yield* change("web-2", { hostKey: `SHA256:${"B".repeat(43)}` })
      // Named, not found by its tag: that it lost the tag does not matter.
      yield* change("web-4", { tags: [] })
      const execution = yield* ended(id).pipe(Effect.provide(dispatcherLayer()))
      expect(execution.runs.map(({ targetName }) => targetName)).toEqual(["web-4", "web-1", "web-2", "web-3"])
      expect(statesOf(execution)).toEqual(["succeeded", "failed", "failed", "succeeded"])
      const [, lost, rekeyed] = execution.runs
      expect(lost?.outcome?.detail).toMatch(/^web-1: the target has lost the tag web, by which it was selected\./)
      expect(rekeyed?.outcome?.detail).toMatch(/^web-2: host key is now SHA256:B+, approved was SHA256:A+\./)
      expect([lost?.startedAt, rekeyed?.startedAt]).toEqual([undefined, undefined])
      expect(execution.state).toBe("failed")
      expect(execution.detail).toMatch(/^2 of 4 targets did not succeed\. web-1: /)
      const changed = (yield* (yield* AuditLog).list({ organisation, action: "target.changed" })).at(-1)!.entry
      expect(changed.facts).toMatchObject({ changed: "tags", tagsAdded: "retired", tagsRemoved: "web" })
    }).pipe(Effect.provide(gateLayer(world(), database)))
  )

  it.live("the others start only when the canary has succeeded; when it fails they are skipped", () => {
    const order: Array<string> = []
    const failing = world((name) =>
      Effect.as(
        Effect.sync(() => order.push(name)),
        name === "web-1" ? 3 : 0
      )
    )
    return Effect.gen(function* () {
      yield* addFleet(5)
      const failed = yield* ended((yield* approved({ rollout: { canary: 2 } })).id)
      expect(statesOf(failed)).toEqual(["failed", "succeeded", "skipped", "skipped", "skipped"])
      expect(failed).toMatchObject({ state: "failed", runs: [{ outcome: { exitCode: 3 } }, {}, {}, {}, {}] })
      expect(failed.detail).toMatch(/^1 of 5 targets did not succeed\. 3 of 5 targets were not started\. web-1: /)
      expect(failed.runs[4]!.outcome?.detail).toMatch(/canary/)
      expect(yield* actionsOn(failed.id)).toContain("execution.runs-skipped")
      const seen = yield* Stream.runCollect((yield* Gate).events(organisation, failed.id))
      const changed = seen.flatMap((event) => (event._tag === "Runs" ? event.runs : []))
      expect(new Map(changed.map(({ run, state }) => [run, state]))).toEqual(
        new Map(failed.runs.map(({ id, state }) => [id, state]))
      )
      order.length = 0
      const targets = ["web-2", "web-3", "tag:web"]
      const late = yield* ended((yield* approved({ targets, rollout: { canary: 2, concurrency: 1 } })).id)
      expect(statesOf(late)).toEqual(["succeeded", "succeeded", "failed", "succeeded", "succeeded"])
      expect(order).toEqual(["web-2", "web-3", "web-1", "web-4", "web-5"])
    }).pipe(Effect.provide(hostLayer(failing, database)))
  })

  it.live("it stops after so many that did not succeed", () =>
    Effect.gen(function* () {
      yield* addFleet(6)
      const execution = yield* ended((yield* approved({ rollout: { concurrency: 1, stopAfter: 2 } })).id)
      expect(statesOf(execution)).toEqual(["failed", "failed", "skipped", "skipped", "skipped", "skipped"])
    }).pipe(
      Effect.provide(
        hostLayer(
          world(() => Effect.succeed(1)),
          database
        )
      )
    )
  )

  it.live("cancelling stops what runs and skips what has not begun, at once", () => {
    const running = Deferred.makeUnsafe<void>()
    const hanging = world((name) =>
      name === "web-1" ? Effect.succeed(0) : Effect.andThen(Deferred.succeed(running, undefined), Effect.never)
    )
    return Effect.gen(function* () {
      yield* addFleet(4)
      const { id } = yield* approved({ rollout: { concurrency: 1 } })
      yield* Deferred.await(running)
      const cancelled = yield* (yield* Gate).cancel({ organisation, actor: ada, execution: id })
      expect(statesOf(cancelled).slice(2)).toEqual(["skipped", "skipped"])
      const execution = yield* ended(id)
      expect(statesOf(execution)).toEqual(["succeeded", "cancelled", "skipped", "skipped"])
      expect(execution.state).toBe("cancelled")
    }).pipe(Effect.provide(hostLayer(hanging, database)))
  })

  it.live("when its node is killed in the middle, what ended stays, what ran is unknown, the rest never starts", () => {
    const starts: Array<string> = []
    const running = Deferred.makeUnsafe<void>()
    const hanging = world((name, { run }) =>
      Effect.suspend(() => {
        starts.push(run)
        return name === "web-1" ? Effect.succeed(0) : Effect.andThen(Deferred.succeed(running, undefined), Effect.never)
      })
    )
    return Effect.gen(function* () {
      yield* addFleet(4)
      const { id } = yield* approved({ rollout: { concurrency: 1 } })
      const scope = yield* Scope.make()
      yield* Layer.buildWithScope(Layer.fresh(dispatcherLayer()), scope)
      yield* Deferred.await(running)
      yield* Scope.close(scope, Exit.void)
      const execution = yield* ended(id).pipe(Effect.provide(Layer.fresh(dispatcherLayer())))
      expect(statesOf(execution)).toEqual(["succeeded", "unknown", "skipped", "skipped"])
      expect(execution.state).toBe("unknown")
      expect(starts).toEqual(execution.runs.slice(0, 2).map(({ id: run }) => run))
      const { sql } = yield* Database
      const claims = yield* sql`SELECT claimed_by FROM executor_runs WHERE execution = ${id} ORDER BY position`
      expect(claims).toEqual(["node-1", "node-1", null, null].map((claimed_by) => ({ claimed_by })))
    }).pipe(Effect.provide(gateLayer(hanging, database)))
  })
})
