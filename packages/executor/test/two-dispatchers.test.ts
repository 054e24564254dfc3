import { it } from "@effect/vitest"
import { AuditLog, Database } from "@fluxcybers/core"
import { Effect, Layer } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import type { RunContext } from "../src/index.ts"
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

  it.live("a node lets go of what another process has taken over, and takes other work", () => {
    let calls = 0
    const writing = (context: RunContext) =>
      context
        .output("stdout", new TextEncoder().encode("still here\n"))
        .pipe(Effect.andThen(Effect.sleep(10)), Effect.forever)
    const run = (context: RunContext) =>
      Effect.suspend(() => (++calls === 1 ? writing(context) : Effect.succeed({ exitCode: 0 })))
    const world = makeWorld({ executors: [testExecutor({ run })] })
    return Effect.gen(function* () {
      const { sql } = yield* Database
      const stateOf = (id: string) => sql<{ state: string }>`SELECT state FROM executor_executions WHERE id = ${id}`
      const until = (id: string, wanted: string) =>
        Effect.gen(function* () {
          while ((yield* stateOf(id))[0]!.state !== wanted) yield* Effect.sleep(20)
        }).pipe(Effect.timeout(10_000))
      const first = yield* decideAs(ada, yield* proposeAs(agent))
      yield* Effect.gen(function* () {
        while (calls === 0) yield* Effect.sleep(20)
        yield* sql`UPDATE executor_runs SET claimed_boot = 'another' WHERE execution = ${first.id}`
        yield* sql`UPDATE executor_executions SET claimed_boot = 'another' WHERE id = ${first.id}`
        const second = yield* decideAs(ada, yield* proposeAs(agent))
        yield* until(second.id, "succeeded")
        expect((yield* stateOf(first.id))[0]).toEqual({ state: "running" })
      }).pipe(Effect.provide(Layer.fresh(dispatcherLayer({ executionsMax: 1, drainMs: 100 }))))
    }).pipe(Effect.provide(gateLayer(world, database)))
  })
})
