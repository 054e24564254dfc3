// Rules in force: put in versions, looked at again when something starts.
import { it } from "@effect/vitest"
import { AuditLog, Database } from "@fluxcybers/core"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { Gate, Policies, type RuleDocument, Targets } from "../src/index.ts"
import {
  ada,
  agent,
  bob,
  decideAs,
  dispatcherLayer,
  ended,
  gateLayer,
  organisation,
  otherOrganisation,
  proposeAs,
  service,
  team,
  testExecutor,
  web1
} from "./world.ts"

const rules = (more: Partial<RuleDocument> = {}): RuleDocument => ({
  name: "acme",
  rules: [{ name: "one", require: { people: [{ count: 1, roles: ["approver"] }] } }],
  ...more
})

const putAs = Effect.fnUntraced(function* (
  actor: typeof ada | typeof agent | typeof service,
  document: unknown,
  replaces?: number
) {
  const policies = yield* Policies
  return yield* policies.put({ organisation, actor, document, ...(replaces === undefined ? {} : { replaces }) })
})

describe.each(databases)("$name", (database) => {
  const pair = (executor: Parameters<typeof testExecutor>[0] = {}) =>
    gateLayer({ ...team(), executors: [testExecutor(executor)] }, database)

  it.effect("a rule set is put as a whole, in versions, and the log says which rules exactly", () =>
    Effect.gen(function* () {
      const policies = yield* Policies
      expect(yield* policies.current(organisation)).toMatchObject({ name: "team", version: 1 })
      const first = yield* putAs(ada, rules())
      expect(first).toMatchObject({ name: "acme", version: 1, putBy: ada.person, document: rules() })
      yield* TestClock.adjust("1 minute")
      const second = yield* putAs(bob, rules({ name: "acme-two" }), 1)
      expect(second).toMatchObject({
        name: "acme-two",
        version: 2,
        putBy: bob.person,
        putAt: "1970-01-01T00:01:00.000Z"
      })
      expect(yield* policies.current(organisation)).toEqual(second)
      expect(yield* policies.version(organisation, 1)).toEqual(first)
      expect(yield* policies.history(organisation)).toEqual([second, first])
      expect(yield* policies.current(otherOrganisation)).toMatchObject({ name: "team" })
      expect(yield* Effect.flip(policies.version(otherOrganisation, 1))).toMatchObject({ reason: "unknown-version" })
      const [entry] = yield* (yield* AuditLog).list({ organisation, action: "policy.put" })
      expect(entry?.entry).toMatchObject({
        object: "acme-two@2",
        facts: { version: 2, digest: second.digest, replaces: first.digest, rules: 1 }
      })
    }).pipe(Effect.provide(pair()))
  )

  it.effect("the same rules again are no new version", () =>
    Effect.gen(function* () {
      yield* putAs(ada, rules())
      expect(yield* putAs(bob, rules())).toMatchObject({ version: 1, putBy: ada.person })
      expect((yield* (yield* AuditLog).list({ organisation, action: "policy.put" })).length).toBe(1)
    }).pipe(Effect.provide(pair()))
  )

  it.effect(
    "is refused: a wrong document, an example that does not hold, a program, and what was changed meanwhile",
    () =>
      Effect.gen(function* () {
        const refused = (...input: Parameters<typeof putAs>) => Effect.flip(putAs(...input))
        expect(yield* refused(ada, { name: "acme" })).toMatchObject({
          reason: "invalid",
          message: expect.stringContaining("rules: is missing\nNothing was changed.")
        })
        expect(
          yield* refused(ada, rules({ examples: [{ given: { command: "uptime" }, rule: "none" }] }))
        ).toMatchObject({
          reason: "examples",
          message: expect.stringContaining("examples[0]")
        })
        for (const program of [agent, service]) {
          expect(yield* refused(program, rules())).toMatchObject({ reason: "not-a-person" })
        }
        expect(yield* refused(ada, rules(), 1)).toMatchObject({ reason: "changed" })
        expect(yield* (yield* Policies).history(organisation)).toEqual([])
      }).pipe(Effect.provide(pair()))
  )

  it.effect("of many who put at once for the same version, one does", () =>
    Effect.gen(function* () {
      const names = Array.from({ length: 8 }, (_, index) => `acme-${index}`)
      const results = yield* Effect.forEach(names, (name) => Effect.result(putAs(ada, rules({ name }), 0)), {
        concurrency: "unbounded"
      })
      expect(results.filter(({ _tag }) => _tag === "Success").length).toBe(1)
      expect((yield* (yield* Policies).history(organisation)).length).toBe(1)
    }).pipe(Effect.provide(pair()))
  )

  it.effect("a reason and a ticket that the rules demand are demanded of the proposal, sealed, and shown", () =>
    Effect.gen(function* () {
      const people = [{ count: 1, roles: ["approver" as const] }]
      yield* putAs(
        ada,
        rules({ rules: [{ name: "strict", require: { people, reason: "required", ticket: ["OPS-#", "INC*"] } }] })
      )
      const refused = (more: Parameters<typeof proposeAs>[1]) => Effect.flip(proposeAs(ada, more))
      expect(yield* refused({ ticket: "OPS-1" })).toMatchObject({ reason: "missing-reason" })
      expect(yield* refused({ reason: "  ", ticket: "OPS-1" })).toMatchObject({ reason: "missing-reason" })
      for (const ticket of ["", "OPS-", "OPS-x", "XOPS-1", "OPS-1x"]) {
        expect(yield* refused({ reason: "because", ticket }), ticket).toMatchObject({
          reason: "missing-ticket",
          message: expect.stringContaining("OPS-# or INC*")
        })
      }
      expect(yield* refused({ reason: "x".repeat(1_001), ticket: "OPS-1" })).toMatchObject({ reason: "limit" })
      const proposed = yield* proposeAs(ada, { reason: "because", ticket: "OPS-17" })
      expect(proposed).toMatchObject({ reason: "because", ticket: "OPS-17" })
    }).pipe(Effect.provide(pair()))
  )

  it.effect("a rule says how long its proposals wait, and how long its grants", () =>
    Effect.gen(function* () {
      const people = [{ count: 1, roles: ["approver" as const] }]
      const require = { people, decideWithinMinutes: 5, startWithinMinutes: 2 }
      yield* putAs(ada, rules({ rules: [{ name: "quick", require }] }))
      const proposed = yield* proposeAs(ada)
      expect(proposed.expiresAt).toBe("1970-01-01T00:05:00.000Z")
      expect((yield* decideAs(bob, proposed)).expiresAt).toBe("1970-01-01T00:02:00.000Z")
    }).pipe(Effect.provide(pair()))
  )

  it.live("what the rules no longer allow at its start does not run", () =>
    Effect.gen(function* () {
      const [policies, gate, targets] = [yield* Policies, yield* Gate, yield* Targets]
      const { id } = yield* targets.add({ organisation, actor: ada, settings: web1 })
      const granted = Effect.gen(function* () {
        return yield* decideAs(bob, yield* proposeAs(agent, { targets: ["web-1"] }))
      })
      const production: RuleDocument = {
        name: "acme",
        rules: [
          { name: "production", when: { someTarget: { tags: ["production"] } }, require: { refuse: "Not there." } },
          { name: "rest", require: { people: [{ count: 1, roles: ["approver"] }] } }
        ]
      }
      yield* policies.put({ organisation, actor: ada, document: production })
      const retagged = yield* granted
      yield* targets.change({ organisation, actor: ada, target: id, settings: { tags: ["production"] } })
      const start = (execution: typeof retagged.id) => ended(execution).pipe(Effect.provide(dispatcherLayer()))
      expect(yield* start(retagged.id)).toMatchObject({
        state: "failed",
        detail: expect.stringContaining("The rules refuse it now: Not there. (acme@1/production)"),
        runs: [{ state: "failed" }]
      })
      yield* targets.change({ organisation, actor: ada, target: id, settings: { tags: [] } })
      const overtaken = yield* granted
      yield* policies.put({ organisation, actor: ada, document: { ...production, name: "stricter" } })
      expect(yield* start(overtaken.id)).toMatchObject({
        state: "failed",
        detail: expect.stringContaining(
          "The rules are now stricter@2, others than those by which it was approved (acme@1/rest)"
        )
      })
      const unchanged = yield* granted
      expect(yield* start(unchanged.id)).toMatchObject({ state: "succeeded" })
      const [refusal] = yield* (yield* AuditLog).list({
        organisation,
        object: overtaken.id,
        action: "execution.refused"
      })
      expect(refusal?.entry.facts).toMatchObject({ difference: "rules" })
      expect((yield* gate.get(organisation, unchanged.id)).decisions).toMatchObject([{ roles: ["approver"] }])
    }).pipe(Effect.provide(pair({ needsTarget: true })))
  )

  it.effect("an explanation says which rule decides, why the earlier ones do not, and who can satisfy it", () =>
    Effect.gen(function* () {
      const policies = yield* Policies
      const subject = { executor: "ssh", access: "write" as const, targets: [] }
      const explained = yield* policies.explain({ organisation, actor: ada, subject })
      expect(explained).toMatchObject({
        ruleSet: "team@1",
        requirement: { _tag: "People", rule: "team@1/another-person" },
        considered: [
          { rule: "unattended-reads", mismatch: "the access is write, not read" },
          { rule: "another-person" }
        ],
        isApproved: false,
        unfillable: 0
      })
      expect(explained.deciders.map(({ refusal }) => refusal)).toEqual(["own-proposal", undefined, "role"])
      const proposed = yield* proposeAs(ada)
      yield* putAs(ada, rules({ rules: [] }))
      expect(yield* policies.explainExecution(organisation, proposed.id)).toMatchObject({
        ruleSet: "team@1",
        isApproved: false
      })
      yield* putAs(ada, rules({ rules: [{ name: "two", require: { people: [{ count: 2, roles: ["approver"] }] } }] }))
      const impossible = yield* proposeAs(ada)
      expect(yield* policies.explainExecution(organisation, impossible.id)).toMatchObject({
        considered: [{ rule: "two" }],
        unfillable: 1
      })
      yield* decideAs(bob, impossible)
      const decided = yield* policies.explainExecution(organisation, impossible.id)
      expect(decided.deciders[1]).toMatchObject({ person: bob.person, refusal: "already-decided" })
      expect(yield* Effect.flip(policies.explainExecution(otherOrganisation, proposed.id))).toMatchObject({
        _tag: "ExecutionNotFound"
      })
    }).pipe(Effect.provide(pair()))
  )

  it.effect("a simulation counts what other rules would have required in the last 90 days, and changes nothing", () =>
    Effect.gen(function* () {
      const policies = yield* Policies
      const old = yield* proposeAs(agent)
      const { sql } = yield* Database
      yield* sql`UPDATE executor_executions SET proposed_at = ${"1969-10-02T23:59:59.999Z"} WHERE id = ${old.id}`
      yield* decideAs(bob, yield* proposeAs(ada))
      const pending = yield* proposeAs(agent)
      const before = yield* policies.current(organisation)
      const people = [{ count: 1, roles: ["approver" as const] }]
      const simulated = yield* policies.simulate(
        organisation,
        rules({
          rules: [
            { name: "agents", when: { requester: ["agent"] }, require: { refuse: "No agents." } },
            { name: "rest", require: { people, requester: "must-not-decide", signature: "passkey" } }
          ]
        })
      )
      expect(simulated).toMatchObject({
        days: 90,
        executions: 2,
        same: 0,
        changed: 2,
        changes: { "People → Refused": 1, "People → People": 1 },
        wouldNotHaveRun: 0,
        list: [
          { execution: pending.id, state: "pending", isApproved: false },
          { state: "granted", isApproved: false }
        ]
      })
      const { version: _, ...team1 } = { version: 1, ...before.document }
      expect(yield* policies.simulate(organisation, team1)).toMatchObject({
        executions: 2,
        same: 2,
        changed: 0,
        list: []
      })
      expect(yield* Effect.flip(policies.simulate(organisation, {}))).toMatchObject({ reason: "invalid" })
      expect(yield* policies.current(organisation)).toEqual(before)
    }).pipe(Effect.provide(pair()))
  )
})
