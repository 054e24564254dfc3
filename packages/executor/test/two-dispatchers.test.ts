import { it } from "@effect/vitest"
import { AuditLog, Database } from "@fluxcybers/core"
import { Effect, Layer } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import {
  ada,
  agent,
  decideAs,
  dispatcherLayer,
  gateLayer,
  makeWorld,
  organisation,
  proposeAs,
  testExecutor
} from "./world.ts"

const EXECUTIONS = 50

describe.each(databases)("$name", (database) => {
  it.live(`two dispatchers start each of ${EXECUTIONS} executions exactly once`, () => {
    const starts: Array<string> = []
    const world = makeWorld({
      executors: [
        testExecutor({
          run: ({ run }) =>
            Effect.as(
              Effect.andThen(
                Effect.sync(() => starts.push(run)),
                Effect.sleep(5)
              ),
              { exitCode: 0 }
            )
        })
      ]
    })
    return Effect.gen(function* () {
      const { sql } = yield* Database
      for (let count = 0; count < EXECUTIONS; count++) yield* decideAs(ada, yield* proposeAs(agent))
      const open = sql`SELECT id FROM executor_executions WHERE state IN ('granted', 'running')`
      const nodes = ["node-1", "node-2"].map((node) => Layer.fresh(dispatcherLayer({ node, executionsMax: 7 })))
      yield* Effect.gen(function* () {
        while ((yield* open).length > 0) yield* Effect.sleep(20)
      }).pipe(Effect.provide(Layer.mergeAll(nodes[0]!, nodes[1]!)))
      expect(starts.length).toBe(EXECUTIONS)
      expect(new Set(starts).size).toBe(EXECUTIONS)
      const states = yield* sql`SELECT DISTINCT state FROM executor_runs`
      expect(states).toEqual([{ state: "succeeded" }])
      const claims = yield* sql<{ claimed_by: string }>`SELECT DISTINCT claimed_by FROM executor_executions`
      expect(claims.map(({ claimed_by }) => claimed_by).sort()).toEqual(["node-1", "node-2"])
      const intents = yield* (yield* AuditLog).list({ organisation, action: "execution.started", limit: 1_000 })
      expect(intents.length).toBe(EXECUTIONS)
      expect(new Set(intents.map(({ entry }) => entry.facts["nonce"])).size).toBe(EXECUTIONS)
    }).pipe(Effect.provide(gateLayer(world, database)))
  })
})
