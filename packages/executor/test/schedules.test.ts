// Schedules: each instant is one proposal under the grant, or a sentence that says why there is none.
import { it } from "@effect/vitest"
import { AuditLog, Database } from "@fluxcybers/core"
import { Effect, Layer } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import {
  BoundedGrants,
  Gate,
  Policies,
  Runbooks,
  type ScheduleInput,
  Scheduler,
  Schedules,
  Targets
} from "../src/index.ts"
import { SetClock } from "./set-clock.ts"
import {
  actionsOn,
  ada,
  agent,
  bob,
  cyd,
  databaseDump,
  dispatcherLayer,
  ended,
  gateLayer,
  organisation,
  otherOrganisation,
  team,
  testExecutor,
  type World,
  web1
} from "./world.ts"

const CANARY = "canary-scheduled-41c"
const DAY_MS = 86_400_000
const START = Date.parse("2026-01-01T00:00:00Z")
const clock = new SetClock(START)
const document = {
  name: "say",
  executor: "echo",
  parameters: { what: { type: "text" } },
  input: { words: [{ $parameter: "what" }] },
  targets: ["tag:web"]
}
const parameters = { what: CANARY }
const daily = { _tag: "Cron", expression: "0 3 * * *", zone: "UTC" } as const

/** A runbook, a target, and a grant for so many uses. */
const prepared = Effect.fnUntraced(function* (usesMax = 10, isApproved = true) {
  clock.set(START)
  yield* (yield* Targets).add({ organisation, actor: ada, settings: { ...web1, tags: ["web"] } })
  yield* (yield* Runbooks).put({ organisation, actor: ada, document })
  const grants = yield* BoundedGrants
  const acting = { organisation, actor: ada }
  const asked = yield* grants.requestRunbook({
    ...{ ...acting, runbook: "say", parameters, repeat: true, usesMax, expiresInMs: 60 * DAY_MS }
  })
  const { id, digest } = asked
  if (isApproved) yield* grants.decide({ organisation, actor: bob, id, digest, verdict: "approve" })
  return asked
})

const add = (grant: ScheduleInput["grant"], more: Partial<ScheduleInput> = {}) =>
  Effect.flatMap(Schedules, (schedules) =>
    schedules.add({
      ...{ organisation, actor: ada, name: "nightly", runbook: "say", timing: daily, overlap: "allow" as const },
      ...{ use: { parameters, reason: "every night" }, grant, ...more }
    })
  )

/** It is so many days (and hours) after the beginning; looks once. */
const lookAt = Effect.fnUntraced(function* (days: number, hours = 3) {
  clock.set(START + days * DAY_MS + hours * 3_600_000)
  yield* (yield* Scheduler).look
})

const firings = Effect.flatMap(Schedules, (schedules) =>
  Effect.map(schedules.get(organisation, "nightly"), (schedule) => schedule.firings)
)
const whyNot = Effect.map(firings, ([last]) => last?.why ?? "")
const proposals = Effect.flatMap(Gate, (gate) => gate.list({ organisation }))

describe.each(databases)("on $name, a schedule", (database) => {
  const layer = (world: World = { ...team(), executors: [testExecutor({ needsTarget: true })] }) =>
    Layer.mergeAll(Runbooks.layer, BoundedGrants.layer, Schedules.layer, Scheduler.layer({ lookEveryMs: 2e9 })).pipe(
      Layer.provideMerge(gateLayer(world, database))
    )

  it.live("proposes at each instant under its grant, which runs without a further decision, until it is used up", () =>
    Effect.gen(function* () {
      const grant = yield* prepared(2)
      const added = yield* add(grant.id)
      expect(added).toMatchObject({ state: "active", nextAt: "2026-01-01T03:00:00.000Z", version: 1, firings: [] })
      yield* lookAt(0, 2)
      expect(yield* proposals).toEqual([])
      for (const day of [0, 1, 1, 2]) yield* lookAt(day)
      const [second, first, ...more] = yield* proposals
      expect(more).toEqual([])
      for (const each of [first, second]) {
        expect(each).toMatchObject({
          ...{ state: "granted", reason: "every night", requester: ada.person },
          ...{ requirement: { _tag: "Bounded", grant: grant.id }, plan: { runbook: { version: 1, parameters } } }
        })
      }
      expect(yield* firings).toMatchObject([
        { instant: "2026-01-03T03:00:00.000Z", why: "the bounded grant is used up (2 uses)" },
        { instant: "2026-01-02T03:00:00.000Z", execution: second!.id },
        { instant: "2026-01-01T03:00:00.000Z", execution: first!.id, missed: 0 }
      ])
      expect(yield* actionsOn(added.id)).toEqual(["schedule.added", "schedule.skipped"])
      const [, proposed] = yield* (yield* AuditLog).list({ organisation, action: "execution.proposed" })
      expect(proposed?.entry.facts).toMatchObject({ schedule: added.id, firing: "2026-01-01T03:00:00.000Z" })
      clock.set(START + 4 * 3_600_000 - 1)
      expect(yield* ended(first!.id).pipe(Effect.provide(dispatcherLayer()))).toMatchObject({ state: "succeeded" })
      expect(yield* databaseDump).not.toContain(CANARY)
    }).pipe(Effect.provide(layer()), (test) => clock.run(test))
  )

  it.live("does not run, and says why: its grant, its rules, its runbook, its target, or whoever added it", () => {
    const world = { ...team(), executors: [testExecutor({ needsTarget: true })] }
    return Effect.gen(function* () {
      const grants = yield* BoundedGrants
      const { id, digest } = yield* prepared(10, false)
      yield* add(id)
      yield* lookAt(0)
      expect(yield* whyNot).toBe("the bounded grant waits for its decision")
      yield* grants.decide({ organisation, actor: bob, id, digest, verdict: "approve" })
      yield* (yield* Targets).change({ organisation, actor: ada, target: "web-1", settings: { account: "other" } })
      yield* lookAt(1)
      expect(yield* whyNot).toContain("a target, a secret's version")
      yield* (yield* Targets).change({ organisation, actor: ada, target: "web-1", settings: { account: web1.account } })
      world.members.set(ada, ["viewer"])
      yield* lookAt(2)
      expect(yield* whyNot).toContain("no longer a member who may propose")
      world.members.set(ada, ["owner"])
      yield* lookAt(3)
      expect((yield* proposals).length).toBe(1)
      const rules = { name: "other", rules: [{ name: "all", require: "nobody" }] }
      yield* (yield* Policies).put({ organisation, actor: ada, document: rules })
      yield* lookAt(4)
      expect(yield* whyNot).toBe("the bounded grant was decided under other rules")
      yield* lookAt(61)
      expect(yield* whyNot).toContain("the bounded grant has expired")
      yield* grants.revoke({ organisation, actor: ada, id })
      yield* lookAt(62)
      expect(yield* whyNot).toBe("the bounded grant is revoked")
      yield* (yield* Runbooks).retire({ organisation, actor: ada, runbook: "say" })
      yield* lookAt(63)
      expect(yield* whyNot).toContain("was retired")
      expect((yield* proposals).length).toBe(1)
    }).pipe(Effect.provide(layer(world)), (test) => clock.run(test))
  })

  it.live("runs at most once after a downtime, or not at all, and not while the last one has not ended", () =>
    Effect.gen(function* () {
      const grant = yield* prepared()
      yield* add(grant.id, { missed: "skip" })
      yield* lookAt(5, 7)
      expect(yield* firings).toMatchObject([
        { instant: "2026-01-06T03:00:00.000Z", why: "its time passed while no server looked", missed: 5 }
      ])
      yield* lookAt(6)
      expect((yield* proposals).length).toBe(1)
      yield* (yield* Schedules).remove({ organisation, actor: ada, schedule: "nightly" })
      yield* add(grant.id, { missed: "once", overlap: "skip" })
      yield* lookAt(30, 7)
      const [catchUp, , ...more] = yield* proposals
      expect(more).toEqual([])
      expect(yield* firings).toMatchObject([
        { instant: "2026-01-31T03:00:00.000Z", execution: catchUp!.id, missed: 23 }
      ])
      clock.set(START + 30 * DAY_MS + 7 * 3_600_000)
      yield* add(grant.id, { name: "often", overlap: "skip", timing: { _tag: "Every", everyMs: 1_800_000 } })
      for (const hours of [7.5, 8]) yield* lookAt(30, hours)
      const often = (yield* (yield* Schedules).get(organisation, "often")).firings
      expect(often).toMatchObject([{ why: "what it proposed before has not ended" }, { execution: expect.any(String) }])
      yield* ended(often[1]!.execution!).pipe(Effect.provide(dispatcherLayer()))
      yield* lookAt(30, 8.5)
      expect((yield* proposals).length).toBe(4)
      yield* (yield* Schedules).pause({ organisation, actor: ada, schedule: "often" })
      yield* lookAt(400, 3)
      expect(yield* whyNot).toContain("the bounded grant has expired")
      expect((yield* firings)[0]).toMatchObject({ missed: 369 })
    }).pipe(Effect.provide(layer()), (test) => clock.run(test))
  )

  it.live("is fired once at each instant, however many look", () =>
    Effect.gen(function* () {
      const grant = yield* prepared(50)
      yield* add(grant.id)
      yield* add(grant.id, { name: "hourly", timing: { _tag: "Every", everyMs: 3_600_000 } })
      for (const hour of [3, 4, 5]) {
        clock.set(START + hour * 3_600_000)
        const { look } = yield* Scheduler
        yield* Effect.all(
          Array.from({ length: 5 }, () => look),
          { concurrency: "unbounded" }
        )
      }
      expect((yield* proposals).length).toBe(4)
      expect(yield* (yield* BoundedGrants).get(organisation, grant.id)).toMatchObject({ uses: 4 })
      const { sql } = yield* Database
      expect((yield* sql`SELECT instant FROM executor_firings WHERE execution IS NOT NULL`).length).toBe(4)
    }).pipe(Effect.provide(layer()), (test) => clock.run(test))
  )

  it.live("is paused, resumed without making up for anything, told what comes next, and removed", () =>
    Effect.gen(function* () {
      const schedules = yield* Schedules
      const grant = yield* prepared()
      const { id } = yield* add(grant.id, { missed: "once" })
      const acting = { organisation, actor: ada, schedule: "nightly" }
      expect(yield* schedules.next(organisation, "nightly", 2)).toEqual([
        "2026-01-01T03:00:00.000Z",
        "2026-01-02T03:00:00.000Z"
      ])
      expect(yield* schedules.pause(acting)).toMatchObject({ state: "paused" })
      expect(yield* schedules.next(organisation, id, 2)).toEqual([])
      yield* lookAt(3)
      expect(yield* schedules.resume(acting)).toMatchObject({ state: "active", nextAt: "2026-01-05T03:00:00.000Z" })
      expect(yield* Effect.flip(schedules.resume(acting))).toMatchObject({ reason: "state" })
      yield* (yield* Scheduler).look
      expect(yield* proposals).toEqual([])
      yield* schedules.remove(acting)
      yield* lookAt(10)
      expect(yield* proposals).toEqual([])
      expect(yield* schedules.list(organisation)).toEqual([])
      const actions = ["added", "paused", "resumed", "removed"].map((what) => `schedule.${what}`)
      expect(yield* actionsOn(id)).toEqual(actions)
    }).pipe(Effect.provide(layer()), (test) => clock.run(test))
  )

  it.live("that is wrong, somebody else's, or a program's is not added", () =>
    Effect.gen(function* () {
      const { id } = yield* prepared()
      const refusal = (more: Partial<ScheduleInput>) => Effect.flip(add(id, more))
      expect(yield* refusal({ actor: agent })).toMatchObject({ reason: "not-a-person" })
      expect(yield* refusal({ actor: cyd })).toMatchObject({ reason: "grant" })
      expect(yield* refusal({ name: "Not So" })).toMatchObject({ reason: "invalid" })
      expect(yield* refusal({ timing: { ...daily, expression: "0 3 * *" } })).toMatchObject({ reason: "invalid" })
      expect(yield* refusal({ use: {} })).toMatchObject({ reason: "parameters" })
      expect(yield* refusal({ runbook: "nothing" })).toMatchObject({ reason: "unknown" })
      expect(yield* refusal({ version: 2 })).toMatchObject({ reason: "unknown-version" })
      yield* add(id)
      expect(yield* refusal({})).toMatchObject({ reason: "exists" })
      const foreign = yield* Effect.flip((yield* Schedules).get(otherOrganisation, "nightly"))
      expect(foreign).toMatchObject({ reason: "unknown" })
    }).pipe(Effect.provide(layer()), (test) => clock.run(test))
  )
})
