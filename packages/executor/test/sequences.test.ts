// Random sequences of everything that people, programs, time and crashes can do to executions, against the real gate and dispatcher.
import { it } from "@effect/vitest"
import { type Actor, AuditLog, actorName, Database, type Role } from "@fluxcybers/core"
import { Effect, Exit, Layer, Scope } from "effect"
import * as fc from "fast-check"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { type Execution, Gate, isApproved, isSettled } from "../src/index.ts"
import {
  actionsOn,
  ada,
  agent,
  bob,
  cyd,
  decideAs,
  dispatcherLayer,
  gateLayer,
  makeWorld,
  organisation,
  proposeAs,
  service,
  testExecutor,
  type World
} from "./world.ts"

const ACTORS: ReadonlyArray<Actor> = [ada, bob, cyd, agent, service]
const SEQUENCES = 8
const EVENTS_MAX = 40
const TIMEOUT_MS = 180_000

const actor = fc.integer({ min: 0, max: ACTORS.length - 1 })
const which = fc.nat({ max: 2 })
const event = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("propose" as const), actor }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("approve" as const), actor, which }) },
  fc.record({ kind: fc.constantFrom("reject" as const, "cancel" as const), actor, which }),
  fc.record({ kind: fc.constantFrom("join" as const, "leave" as const), actor: fc.nat({ max: 2 }) }),
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("start" as const, "crash" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("wait" as const) }) }
)
type Event = typeof event extends fc.Arbitrary<infer E> ? E : never

const ROLES: ReadonlyArray<ReadonlyArray<Role>> = [["owner"], ["approver"], ["viewer"]]

/** A host whose dispatchers come and go. */
const makeHost = (world: World) => {
  const dispatchers: Array<Scope.Closeable> = []
  const proposed: Array<Execution> = []
  const on = (index: number) => proposed.at(-1 - (index % Math.max(proposed.length, 1)))
  const act = Effect.fnUntraced(function* (happening: Event) {
    switch (happening.kind) {
      case "propose":
        proposed.push(yield* proposeAs(ACTORS[happening.actor]!))
        return
      case "approve":
      case "reject": {
        const execution = on(happening.which)
        if (execution === undefined) return
        const { kind: verdict } = happening
        return yield* Effect.ignore(decideAs(ACTORS[happening.actor]!, execution, { verdict }))
      }
      case "cancel": {
        const execution = on(happening.which)?.id
        if (execution === undefined) return
        return yield* Effect.ignore((yield* Gate).cancel({ organisation, actor: ACTORS[happening.actor]!, execution }))
      }
      case "join":
        world.members.set([ada, bob, cyd][happening.actor]!, ROLES[happening.actor]!)
        return
      case "leave":
        world.members.delete([ada, bob, cyd][happening.actor]!)
        return
      case "start": {
        const scope = yield* Scope.make()
        dispatchers.push(scope)
        return yield* Layer.buildWithScope(Layer.fresh(dispatcherLayer({ lookEveryMs: 5 })), scope)
      }
      case "crash":
        return yield* Effect.forEach(dispatchers.splice(0), (scope) => Scope.close(scope, Exit.void))
      case "wait":
        return yield* Effect.sleep(15)
    }
  })
  return { act, proposed, stop: act({ kind: "crash" }), start: act({ kind: "start" }) }
}

const sequence = Effect.fnUntraced(function* (
  events: ReadonlyArray<Event>,
  world: World,
  starts: ReadonlyArray<string>
) {
  const host = makeHost(world)
  for (const happening of events) yield* host.act(happening)
  // Crash, and start once more: what was left behind is settled.
  yield* host.stop
  yield* host.start
  const { sql } = yield* Database
  const open = sql`SELECT id FROM executor_executions WHERE state IN ('granted', 'running')`
  while ((yield* open).length > 0) yield* Effect.sleep(5)
  yield* host.stop
  const { verify } = yield* AuditLog
  while ((yield* verify).pending > 0) yield* Effect.sleep(50)
  expect((yield* verify).problems).toEqual([])
  for (const { id } of host.proposed) yield* holds(yield* (yield* Gate).get(organisation, id), starts)
})

const holds = Effect.fnUntraced(function* (execution: Execution, starts: ReadonlyArray<string>) {
  const run = execution.runs[0]!
  const count = starts.filter((started) => started === run.id).length
  expect(count).toBeLessThanOrEqual(1)
  if (["succeeded", "timed_out"].includes(execution.state)) expect(count).toBe(1)
  expect(execution.state === "pending" || isSettled(execution.state)).toBe(true)
  const actions = yield* actionsOn(execution.id)
  const times = (action: string) => actions.filter((each) => each === action).length
  expect(times("execution.proposed")).toBe(1)
  expect(times("execution.granted")).toBeLessThanOrEqual(1)
  expect(times("execution.started")).toBeLessThanOrEqual(times("execution.granted"))
  expect(count).toBeLessThanOrEqual(times("execution.started"))
  if (times("execution.granted") === 1) {
    const requester = ACTORS.find((each) => actorName(each) === execution.requester)!
    const { requirement, decisions } = execution
    expect(isApproved({ requirement, requester, decisions })).toBe(true)
    expect(decisions.every(({ person }) => [ada, bob].some((each) => each.person === person))).toBe(true)
  }
})

describe.each(databases)("$name", (database) => {
  it.live(
    "whatever happens in whatever order: nothing starts without its approval, nothing starts twice, nothing is left open",
    () =>
      Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(fc.array(event, { minLength: 15, maxLength: EVENTS_MAX }), (events) => {
            const starts: Array<string> = []
            const run: NonNullable<Parameters<typeof testExecutor>[0]>["run"] = (context) =>
              Effect.sync(() => starts.push(context.run)).pipe(
                Effect.andThen(Effect.sleep(10)),
                Effect.as({ exitCode: 0 })
              )
            const world = makeWorld({ executors: [testExecutor({ run })] })
            return Effect.runPromise(sequence(events, world, starts).pipe(Effect.provide(gateLayer(world, database))))
          }),
          { numRuns: SEQUENCES }
        )
      ),
    TIMEOUT_MS
  )
})
