// What a host is told of: once, and in the transaction of the change.
import { it } from "@effect/vitest"
import { AuditLog, Database } from "@fluxcybers/core"
import { Effect, Layer } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { BoundedGrants, dueOccurrences, type Executor, Gate, type Occurrence, Occurrences } from "../src/index.ts"
import {
  ada,
  agent,
  bob,
  decideAs,
  dispatcherLayer,
  ended,
  gateLayer,
  organisation,
  proposeAs,
  team,
  testExecutor
} from "./world.ts"

const HOUR_MS = 3_600_000

describe.each(databases)("$name", (database) => {
  const told: Array<Occurrence> = []
  const layerWith = (take: typeof Occurrences.Service, executors: Array<Executor> = [testExecutor()]) =>
    BoundedGrants.layer.pipe(
      Layer.provideMerge(gateLayer({ ...team(), executors }, database)),
      Layer.provideMerge(Layer.succeed(Occurrences, take))
    )
  const layer = (executors?: Array<Executor>) => {
    told.length = 0
    return layerWith((occurrence) => Effect.sync(() => void told.push(occurrence)), executors)
  }
  const kinds = (object: string) => told.filter((each) => each.object === object).map(({ kind }) => kind)

  it.live("of what wants a decision, of the decision, and of the end", () =>
    Effect.gen(function* () {
      const approved = yield* proposeAs(ada)
      expect(kinds(approved.id)).toEqual(["decision.wanted"])
      yield* decideAs(bob, approved)
      yield* ended(approved.id).pipe(Effect.provide(dispatcherLayer()))
      expect(kinds(approved.id)).toEqual(["decision.wanted", "decision.made", "execution.ended"])
      const rejected = yield* proposeAs(ada)
      yield* decideAs(bob, rejected, { verdict: "reject" })
      expect(kinds(rejected.id)).toEqual(["decision.wanted", "decision.made"])
      const withdrawn = yield* proposeAs(ada)
      yield* (yield* Gate).cancel({ organisation, actor: ada, execution: withdrawn.id })
      expect(kinds(withdrawn.id)).toEqual(["decision.wanted", "execution.ended"])
      const broken = yield* proposeAs(ada, { breakGlass: true, reason: "canary-fire" })
      expect(kinds(broken.id)).toEqual(["glass.broken"])
      expect(JSON.stringify(told)).not.toContain("canary")
    }).pipe(Effect.provide(layer()))
  )

  it.live("of an outcome that nobody can know", () =>
    Effect.gen(function* () {
      const execution = yield* proposeAs(ada)
      yield* decideAs(bob, execution)
      yield* ended(execution.id).pipe(Effect.provide(dispatcherLayer()))
      expect(kinds(execution.id)).toEqual(["decision.wanted", "decision.made", "execution.unknown"])
    }).pipe(Effect.provide(layer([testExecutor({ run: () => Effect.die(new Error("broke")) })])))
  )

  it.effect("of bounded grants, of those that soon end, and of reviews that are due", () =>
    Effect.gen(function* () {
      const grants = yield* BoundedGrants
      const request = { organisation, actor: agent, executor: "echo", targets: [], expiresInMs: HOUR_MS }
      const { id, digest } = yield* grants.request({ ...request, commands: [{ words: ["a"] }] })
      const lead = { reviewHours: 24, grantHours: 2 }
      expect(yield* dueOccurrences(lead)).toEqual([])
      yield* grants.decide({ organisation, actor: bob, id, verdict: "approve", digest })
      expect(kinds(id)).toEqual(["decision.wanted", "decision.made"])
      expect(yield* dueOccurrences({ ...lead, grantHours: 0 })).toEqual([])
      const broken = yield* proposeAs(ada, { breakGlass: true, reason: "fire" })
      expect(yield* dueOccurrences({ ...lead, reviewHours: 1 })).toEqual([
        { organisation, kind: "grant.expiring", object: id }
      ])
      expect(yield* dueOccurrences(lead)).toEqual([
        { organisation, kind: "review.due", object: broken.id },
        { organisation, kind: "grant.expiring", object: id }
      ])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("or nothing changes: when it cannot take note, the proposal is not there", () =>
    Effect.gen(function* () {
      expect((yield* Effect.exit(proposeAs(ada)))._tag).toBe("Failure")
      const { sql } = yield* Database
      expect(yield* sql`SELECT id FROM executor_executions`).toEqual([])
      expect(yield* (yield* AuditLog).list({ organisation })).toEqual([])
    }).pipe(Effect.provide(layerWith(() => Effect.die(new Error("The disk is full")))))
  )
})
