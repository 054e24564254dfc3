import { it } from "@effect/vitest"
import { AuditLog, Database } from "@fluxcybers/core"
import { Effect, Layer } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { type Execution, Executors, RunError, Targets, TargetUnreachable } from "../src/index.ts"
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
  outputOf,
  proposeAs,
  testExecutor,
  type World,
  web1
} from "./world.ts"

/** Proposes, approves, and waits for the end. */
const runToTheEnd = Effect.fnUntraced(function* (more?: Parameters<typeof proposeAs>[1]) {
  const granted = yield* decideAs(ada, yield* proposeAs(agent, more))
  return yield* ended(granted.id)
})

type Run = NonNullable<Parameters<typeof testExecutor>[0]>["run"]

const withRun = (run: NonNullable<Run>, more: Parameters<typeof testExecutor>[0] = {}) =>
  makeWorld({ executors: [testExecutor({ ...more, run })] })

describe.each(databases)("$name", (database) => {
  it.live("what was approved runs once, its output is recorded, and the log tells it in order", () =>
    Effect.gen(function* () {
      const execution = yield* runToTheEnd({ input: { words: ["a b", "'"] } })
      expect(execution).toMatchObject({
        state: "succeeded",
        runs: [{ state: "succeeded", targetName: "echo", outcome: { exitCode: 0 } }]
      })
      expect(execution.detail).toBeUndefined()
      expect(yield* outputOf(execution.id)).toBe(`{"_tag":"Argv","argv":["echo","a b","'"]}\n`)
      expect(execution.runs[0]!.outcome!.outputBytes).toBe((yield* outputOf(execution.id)).length)
      expect(yield* actionsOn(execution.id)).toEqual(
        ["proposed", "approved", "granted", "started", "settled"].map((verb) => `execution.${verb}`)
      )
      expect(yield* actionsOn(execution.runs[0]!.id)).toEqual(["run.settled"])
    }).pipe(Effect.provide(hostLayer(makeWorld(), database)))
  )

  it.live("nothing starts before its intent is under a checkpoint", () => {
    const seen: Array<number | undefined> = []
    let look: Effect.Effect<void> = Effect.void
    const world = withRun(() => Effect.as(look, { exitCode: 0 }))
    return Effect.gen(function* () {
      const audit = yield* AuditLog
      look = Effect.gen(function* () {
        const entries = yield* audit.list({ organisation, action: "execution.started" })
        seen.push(...entries.map(({ index }) => index))
      })
      yield* runToTheEnd()
      expect(seen).toEqual([expect.any(Number)])
    }).pipe(Effect.provide(hostLayer(world, database)))
  })

  it.live("a grant that was not used in time expires, and nothing runs", () =>
    Effect.gen(function* () {
      const { id } = yield* decideAs(ada, yield* proposeAs(agent))
      yield* Effect.sleep(20)
      const execution = yield* ended(id).pipe(Effect.provide(dispatcherLayer()))
      expect(execution).toMatchObject({ state: "expired", runs: [{ state: "skipped" }] })
      expect((yield* actionsOn(id)).at(-1)).toBe("execution.expired")
    }).pipe(Effect.provide(gateLayer(makeWorld(), database, { startWithinMs: 10 })))
  )

  it.live("what changed after the approval is not run, and the first difference is named", () => {
    const world = makeWorld({ executors: [testExecutor({ needsTarget: true })] })
    return Effect.gen(function* () {
      const { sql } = yield* Database
      const targets = yield* Targets
      const approved: Array<readonly [Execution, string]> = []
      for (const [position, [change, detail]] of changesAfterApproval.entries()) {
        const name = `web-${position}`
        const credential = `ssh/${name}`
        world.secrets.set(credential, { version: 1, value: "canary-7f3a91c2d4" })
        yield* targets.add({ organisation, actor: ada, settings: { ...web1, name, credential } })
        const granted = yield* decideAs(ada, yield* proposeAs(agent, { targets: [name] }))
        yield* Effect.orDie(change({ name, credential, world, execution: granted.id }))
        approved.push([granted, detail.replaceAll("%", name)])
      }
      const open = sql`SELECT id FROM executor_executions WHERE state IN ('granted', 'running')`
      yield* Effect.gen(function* () {
        while ((yield* open).length > 0) yield* Effect.sleep(10)
      }).pipe(Effect.provide(dispatcherLayer()))
      for (const [{ id }, detail] of approved) {
        const row = (yield* sql`SELECT state, detail FROM executor_executions WHERE id = ${id}`)[0]
        expect(row).toEqual({ state: "failed", detail: `${detail} Nothing ran. Propose it again.` })
        expect((yield* actionsOn(id)).at(-1)).toBe("execution.refused")
      }
      expect(yield* sql`SELECT * FROM executor_runs WHERE state <> 'failed' OR started_at IS NOT NULL`).toEqual([])
      expect(world.revealed).toEqual([])
    }).pipe(Effect.provide(gateLayer(world, database)))
  })

  it.live("a plan of an executor that is gone, or that has another version now, is not run", () =>
    Effect.gen(function* () {
      for (const [executors, detail] of [
        [[], 'The executor "echo" is no longer there.'],
        [[testExecutor({ version: "2" })], 'The executor "echo" now has version 2, approved was 1.']
      ] as const) {
        const { id } = yield* decideAs(ada, yield* proposeAs(agent))
        const dispatcher = dispatcherLayer().pipe(Layer.provide(Executors.layer(executors)))
        const execution = yield* ended(id).pipe(Effect.provide(dispatcher))
        expect(execution).toMatchObject({ state: "failed", detail: `${detail} Nothing ran. Propose it again.` })
      }
    }).pipe(Effect.provide(gateLayer(makeWorld(), database)))
  )

  it.live("an execution over several targets has a run for each, and the worst outcome is its own", () => {
    const world = withRun(
      ({ target }) =>
        target?.name === "web-2"
          ? Effect.fail(
              new RunError({ executor: "echo", reason: new TargetUnreachable({ target: "web-2", code: "timeout" }) })
            )
          : Effect.succeed({ exitCode: 0 }),
      { needsTarget: true }
    )
    return Effect.gen(function* () {
      const targets = ["web-1", "web-2", "web-3"]
      for (const name of targets) {
        yield* (yield* Targets).add({ organisation, actor: ada, settings: { ...web1, name } })
      }
      const execution = yield* runToTheEnd({ targets })
      expect(execution.runs.map(({ targetName, state }) => [targetName, state])).toEqual([
        ["web-1", "succeeded"],
        ["web-2", "failed"],
        ["web-3", "succeeded"]
      ])
      expect(execution.state).toBe("failed")
      expect(execution.detail).toMatch(/^1 of 3 targets did not succeed\. web-2: Target "web-2" could not be reached/)
    }).pipe(Effect.provide(hostLayer(world, database)))
  })
})

interface Situation {
  readonly name: string
  readonly credential: string
  readonly world: World
  readonly execution: string
}

type Change = (situation: Situation) => Effect.Effect<unknown, unknown, Targets | Database>

const changing =
  (settings: Partial<typeof web1>): Change =>
  ({ name }) =>
    Effect.flatMap(Targets, (targets) => targets.change({ organisation, actor: ada, target: name, settings }))

const otherKey = `SHA256:${"B".repeat(43)}`
const swapPlan: Change = ({ execution }) =>
  Effect.flatMap(
    Database,
    ({
      sql
    }) => sql`UPDATE executor_executions SET plan = (SELECT plan FROM executor_executions WHERE id <> ${execution} ORDER BY id LIMIT 1)
      WHERE id = ${execution}`
  )

const changesAfterApproval: ReadonlyArray<readonly [Change, string]> = [
  [changing({ host: "10.0.0.2" }), "%: host is now 10.0.0.2, approved was 10.0.0.1."],
  [changing({ port: 23 }), "%: port is now 23, approved was 22."],
  [changing({ account: "root" }), "%: account is now root, approved was ops."],
  [changing({ hostKey: otherKey }), `%: host key is now ${otherKey}, approved was ${web1.hostKey}.`],
  [changing({ credential: "other", tags: ["x"] }), "%: credential is now other, approved was ssh/%."],
  [changing({ host: "10.0.0.2", port: 23 }), "%: host is now 10.0.0.2, approved was 10.0.0.1."],
  [
    ({ name, credential }) =>
      Effect.gen(function* () {
        const { add, change } = yield* Targets
        yield* add({ organisation, actor: ada, settings: { ...web1, name: `${name}-bastion`, credential } })
        yield* change({ organisation, actor: ada, target: name, settings: { jump: `${name}-bastion` } })
      }),
    "%: the way there is now through %-bastion, approved was direct."
  ],
  [
    ({ name }) => Effect.flatMap(Targets, (targets) => targets.remove({ organisation, actor: ada, target: name })),
    "%: the target was removed."
  ],
  [
    ({ world, credential }) => Effect.sync(() => world.secrets.set(credential, { version: 2, value: "new" })),
    'The secret "ssh/%" is now in version 2, approved was version 1.'
  ],
  [
    ({ world, credential }) => Effect.sync(() => world.secrets.delete(credential)),
    'The secret "ssh/%" can no longer be used (unknown).'
  ],
  [swapPlan, "The stored plan did not open: it was altered, or its key is gone."]
]
