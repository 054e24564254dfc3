import { it } from "@effect/vitest"
import { AuditLog, Database, newId, TargetId } from "@fluxcybers/core"
import { Clock, Effect } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { Gate } from "../src/index.ts"
import {
  ada,
  agent,
  decideAs,
  ended,
  hostLayer,
  makeWorld,
  organisation,
  proposeAs,
  testExecutor,
  web1
} from "./world.ts"

const COUNT = 1_000

const addTargets = Effect.gen(function* () {
  const { insertRows, transaction } = yield* Database
  const { host, port, account, hostKey, credential } = web1
  const columns = [
    "id",
    "organisation",
    "name",
    "host",
    "port",
    "account",
    "host_key",
    "credential",
    "tags",
    "added_at"
  ]
  const values = yield* Effect.forEach(Array.from({ length: COUNT }), (_, number) =>
    Effect.map(newId(TargetId, "target"), (id) => [
      ...[id, organisation, `web-${number}`, host, port, account, hostKey, credential],
      ...['["web"]', "2026-01-01T00:00:00.000Z"]
    ])
  )
  yield* transaction(insertRows({ table: "executor_targets", columns, values }))
})

/** Generous: what reads a thousand rows one by one takes longer. */
const LOOK_MS_MAX = 3_000

const quick = Effect.fnUntraced(function* <A, E, R>(look: Effect.Effect<A, E, R>) {
  const begunMs = yield* Clock.currentTimeMillis
  const seen = yield* look
  expect((yield* Clock.currentTimeMillis) - begunMs).toBeLessThan(LOOK_MS_MAX)
  return seen
})

describe.each(databases.slice(0, 2))("$name", (database) => {
  it.live(
    "a thousand targets in one execution: each runs once, and looking at it stays quick",
    () => {
      const starts = new Set<string>()
      let count = 0
      const world = makeWorld({
        executors: [
          testExecutor({
            needsTarget: true,
            run: ({ run }) =>
              Effect.sync(() => {
                count++
                starts.add(run)
                return { exitCode: 0 }
              })
          })
        ]
      })
      return Effect.gen(function* () {
        yield* addTargets
        const gate = yield* Gate
        const proposed = yield* quick(
          proposeAs(agent, { targets: ["tag:web"], rollout: { canary: 5, batch: 100, stopAfter: 3, concurrency: 50 } })
        )
        const { id } = yield* decideAs(ada, proposed)
        const execution = yield* ended(id)
        expect(execution.state).toBe("succeeded")
        expect(count).toBe(COUNT)
        expect(starts.size).toBe(COUNT)
        yield* quick(gate.get(organisation, id))
        yield* quick(gate.view(organisation, id))
        yield* quick(gate.list({ organisation }))
        const settled = yield* (yield* AuditLog).list({ organisation, action: "execution.settled" })
        expect(settled[0]!.entry.facts).toMatchObject({ runs: COUNT, runsSucceeded: COUNT })
      }).pipe(Effect.provide(hostLayer(world, database)))
    },
    120_000
  )
})
