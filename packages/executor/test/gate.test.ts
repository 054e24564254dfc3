import { it } from "@effect/vitest"
import { AuditLog } from "@fluxcybers/core"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { Gate, planDigest } from "../src/index.ts"
import {
  actionsOn,
  ada,
  agent,
  bob,
  cyd,
  databaseDump,
  decideAs,
  gateLayer,
  makeWorld,
  organisation,
  otherOrganisation,
  proposeAs,
  service,
  team,
  testExecutor,
  unknownExecution
} from "./world.ts"

describe.each(databases)("$name", (database) => {
  const solo = () => gateLayer(makeWorld(), database)
  const pair = () => gateLayer(team(), database)

  it.effect("alone, a person confirms what they propose, and the log says that they approved it themselves", () =>
    Effect.gen(function* () {
      const proposed = yield* proposeAs(ada)
      expect(proposed).toMatchObject({ state: "pending", digest: planDigest(proposed.plan), requester: ada.person })
      expect(proposed.requirement.rule).toBe("solo@1/own-proposal")
      const granted = yield* decideAs(ada, proposed, { reason: "I looked at it" })
      expect(granted.state).toBe("granted")
      expect(granted.decisions).toMatchObject([
        { person: ada.person, verdict: "approve", isSelfApproved: true, reason: "I looked at it" }
      ])
      const log = yield* (yield* AuditLog).list({ organisation, object: proposed.id })
      expect(log.map(({ entry }) => entry.action)).toEqual([
        "execution.granted",
        "execution.approved",
        "execution.proposed"
      ])
      expect(log.map(({ entry }) => entry.facts["digest"])).toEqual(Array(3).fill(proposed.digest))
      expect(log[1]!.entry.facts).toMatchObject({ rule: "solo@1/own-proposal", selfApproved: true })
    }).pipe(Effect.provide(solo()))
  )

  it.effect("alone, a person decides on what their agent proposes, and that is not self-approved", () =>
    Effect.gen(function* () {
      const granted = yield* decideAs(ada, yield* proposeAs(agent))
      expect(granted).toMatchObject({ state: "granted", decisions: [{ isSelfApproved: false }] })
    }).pipe(Effect.provide(solo()))
  )

  it.effect("in a team, another person decides on what a person proposes", () =>
    Effect.gen(function* () {
      const proposed = yield* proposeAs(ada)
      expect(yield* Effect.flip(decideAs(ada, proposed))).toMatchObject({ reason: "own-proposal" })
      expect(yield* Effect.flip(decideAs(cyd, proposed))).toMatchObject({ reason: "role" })
      expect(yield* decideAs(bob, proposed)).toMatchObject({ state: "granted" })
    }).pipe(Effect.provide(pair()))
  )

  it.effect("in a team, the person an agent works for may decide on what it proposes", () =>
    Effect.gen(function* () {
      expect(yield* decideAs(ada, yield* proposeAs(agent))).toMatchObject({ state: "granted" })
      expect(yield* decideAs(bob, yield* proposeAs(service))).toMatchObject({ state: "granted" })
    }).pipe(Effect.provide(pair()))
  )

  it.effect("an agent, a service token and a stranger never decide, whoever proposed", () =>
    Effect.gen(function* () {
      const world = team()
      yield* Effect.gen(function* () {
        for (const proposer of [ada, agent, service]) {
          const proposed = yield* proposeAs(proposer)
          for (const verdict of ["approve", "reject"] as const) {
            for (const program of [agent, service]) {
              expect(yield* Effect.flip(decideAs(program, proposed, { verdict }))).toMatchObject({
                reason: "not-a-person"
              })
            }
          }
          world.members.delete(bob)
          expect(yield* Effect.flip(decideAs(bob, proposed))).toMatchObject({ reason: "not-a-member" })
          expect((yield* (yield* Gate).get(organisation, proposed.id)).decisions).toEqual([])
        }
      }).pipe(Effect.provide(gateLayer(world, database)))
    })
  )

  it.effect("nobody decides twice, nor on what is decided", () =>
    Effect.gen(function* () {
      const proposed = yield* proposeAs(service)
      yield* decideAs(ada, proposed)
      for (const person of [ada, bob]) {
        const refused = yield* Effect.flip(decideAs(person, proposed, { verdict: "reject" }))
        expect(refused).toMatchObject({
          reason: "not-pending",
          message: expect.stringContaining("Nothing was changed")
        })
      }
      expect(yield* actionsOn(proposed.id)).toEqual(["execution.proposed", "execution.approved", "execution.granted"])
    }).pipe(Effect.provide(pair()))
  )

  it.effect("two people who decide at the same moment make one grant", () =>
    Effect.gen(function* () {
      const proposed = yield* proposeAs(service)
      const both = yield* Effect.forEach([ada, bob], (person) => Effect.result(decideAs(person, proposed)), {
        concurrency: 2
      })
      expect(both.map((result) => result._tag).sort()).toEqual(["Failure", "Success"])
      const actions = yield* actionsOn(proposed.id)
      expect(actions.filter((action) => action === "execution.granted").length).toBe(1)
    }).pipe(Effect.provide(pair()))
  )

  it.effect("one rejection ends it, and no run ever starts", () =>
    Effect.gen(function* () {
      const rejected = yield* decideAs(bob, yield* proposeAs(ada), { verdict: "reject", reason: "not on a Friday" })
      expect(rejected).toMatchObject({
        state: "rejected",
        detail: "It was rejected. Nothing ran.",
        decisions: [{ verdict: "reject", reason: "not on a Friday" }],
        runs: [{ state: "skipped" }]
      })
    }).pipe(Effect.provide(pair()))
  )

  it.effect("a decision on another digest than that of the execution is refused", () =>
    Effect.gen(function* () {
      const [one, same] = [yield* proposeAs(agent), yield* proposeAs(agent)]
      expect(one.digest).not.toBe(same.digest)
      const refused = yield* Effect.flip(decideAs(ada, one, { digest: same.digest }))
      expect(refused).toMatchObject({ reason: "digest" })
      expect((yield* (yield* Gate).get(organisation, one.id)).state).toBe("pending")
    }).pipe(Effect.provide(solo()))
  )

  it.effect("what nobody decides in time expires: a day, unless the host wants less", () =>
    Effect.gen(function* () {
      const proposed = yield* proposeAs(agent).pipe(Effect.provide(solo()))
      expect(Date.parse(proposed.expiresAt) - Date.parse(proposed.proposedAt)).toBe(24 * 60 * 60 * 1_000)
      yield* Effect.gen(function* () {
        const { id, ...overdue } = yield* proposeAs(agent)
        yield* TestClock.adjust("1 minute")
        expect(yield* Effect.flip(decideAs(ada, { id, ...overdue }))).toMatchObject({ reason: "expired" })
        const expired = yield* (yield* Gate).get(organisation, id)
        expect(expired).toMatchObject({ state: "expired", detail: expect.stringContaining("not decided in time") })
        expect(yield* actionsOn(id)).toEqual(["execution.proposed", "execution.expired"])
      }).pipe(Effect.provide(gateLayer(makeWorld(), database, { decideWithinMs: 60_000 })))
    })
  )

  it.effect("another organisation's execution is as unknown as one that never was", () =>
    Effect.gen(function* () {
      const gate = yield* Gate
      const { id, digest } = yield* proposeAs(ada)
      const foreign = { organisation: otherOrganisation, actor: ada, execution: id }
      for (const attempt of [
        gate.get(otherOrganisation, id),
        gate.get(organisation, unknownExecution),
        gate.cancel(foreign),
        gate.decide({ ...foreign, verdict: "approve", digest })
      ]) {
        expect(yield* Effect.flip(attempt as Effect.Effect<unknown, unknown>)).toMatchObject({
          _tag: "ExecutionNotFound"
        })
      }
      expect(yield* gate.list({ organisation: otherOrganisation })).toEqual([])
    }).pipe(Effect.provide(solo()))
  )

  it.effect("whoever proposed can withdraw, another agent or service cannot, and what has ended stays", () =>
    Effect.gen(function* () {
      const gate = yield* Gate
      const { id } = yield* proposeAs(agent)
      const cancel = (actor: typeof ada | typeof agent | typeof service) =>
        gate.cancel({ organisation, actor, execution: id })
      expect(yield* Effect.flip(cancel(service))).toMatchObject({ reason: "role" })
      expect(yield* Effect.flip(cancel(cyd))).toMatchObject({ reason: "role" })
      expect(yield* cancel(agent)).toMatchObject({ state: "withdrawn", runs: [{ state: "skipped" }] })
      expect(yield* Effect.flip(cancel(ada))).toMatchObject({ reason: "not-pending" })
    }).pipe(Effect.provide(pair()))
  )

  it.effect("the list is newest first, in pages, by state", () =>
    Effect.gen(function* () {
      const gate = yield* Gate
      const ids: Array<string> = []
      for (let count = 0; count < 5; count++) {
        ids.unshift((yield* proposeAs(ada)).id)
        yield* TestClock.adjust("1 millis")
      }
      const page = yield* gate.list({ organisation, limit: 2 })
      const rest = yield* gate.list({ organisation, before: page[1]!.id })
      expect([...page, ...rest].map(({ id }) => id)).toEqual(ids)
      expect(yield* gate.list({ organisation, state: "granted" })).toEqual([])
    }).pipe(Effect.provide(solo()))
  )

  it.effect("the plan, standard input and the reasons are not readable in the database", () =>
    Effect.gen(function* () {
      yield* decideAs(ada, yield* proposeAs(ada, { input: { words: ["canary-words"] } }), { reason: "canary-reason" })
      expect(yield* databaseDump).not.toContain("canary")
    }).pipe(Effect.provide(gateLayer(makeWorld({ executors: [testExecutor({ plan: plannedWithStdin })] }), database)))
  )
})

const plannedWithStdin = ({ words }: { readonly words: ReadonlyArray<string> }) => ({
  command: { _tag: "Argv" as const, argv: ["cat", ...words] as [string, ...Array<string>] },
  access: "write" as const,
  sentence: "Copies.",
  stdin: new TextEncoder().encode("canary-stdin")
})
