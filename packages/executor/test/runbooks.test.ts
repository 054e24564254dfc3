// Runbooks: saved once, in versions; each use is a plan of its own that says where it comes from.
import { it } from "@effect/vitest"
import { AuditLog } from "@fluxcybers/core"
import { Effect, Layer } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { Gate, planDigest, Runbooks, type RunbookUse, Targets, viewDigest } from "../src/index.ts"
import {
  actionsOn,
  ada,
  agent,
  bob,
  databaseDump,
  decideAs,
  dispatcherLayer,
  ended,
  gateLayer,
  organisation,
  otherOrganisation,
  outputOf,
  service,
  team,
  testExecutor,
  web1
} from "./world.ts"

const CANARY = "canary-say-5be1"

const say = (more: object = {}) => ({
  name: "say",
  description: "Says something.",
  executor: "echo",
  parameters: {
    what: { type: "text", pattern: "[a-z]+", default: CANARY.replaceAll(/[^a-z]/g, "") },
    times: { type: "integer", min: 1, max: 3, default: 1 },
    where: { type: "target", default: "tag:web" }
  },
  input: { words: [CANARY, { $parameter: "what" }, { $join: ["x", { $parameter: "times" }] }] },
  targets: [{ $parameter: "where" }],
  rollout: { canary: 1 },
  ...more
})

const put = (document: unknown, more: object = {}) =>
  Effect.flatMap(Runbooks, (runbooks) => runbooks.put({ organisation, actor: ada, document, ...more }))

const use = (more: Partial<RunbookUse> = {}) =>
  Effect.flatMap(Gate, (gate) => gate.useRunbook({ organisation, actor: agent, runbook: "say", ...more }))

const twoTargets = Effect.gen(function* () {
  for (const name of ["web-1", "web-2"]) {
    yield* (yield* Targets).add({ organisation, actor: ada, settings: { ...web1, name, tags: ["web"] } })
  }
})

describe.each(databases)("on $name, a runbook", (database) => {
  const layer = () => {
    const world = { ...team(), executors: [testExecutor({ needsTarget: true }), testExecutor({ id: "other" })] }
    return Runbooks.layer.pipe(Layer.provideMerge(gateLayer(world, database)))
  }

  it.effect("is used by name: its values are filled in, the plan names it, and people decide on that", () =>
    Effect.gen(function* () {
      yield* twoTargets
      const saved = yield* put(say())
      const proposed = yield* use({ parameters: { what: "hello", times: "2" }, reason: "because" })
      const runbook = {
        id: saved.id,
        name: "say",
        version: 1,
        parameters: { what: "hello", times: "2", where: "tag:web" }
      }
      expect(proposed).toMatchObject({ state: "pending", reason: "because", requirement: { _tag: "People" } })
      expect(proposed.plan).toMatchObject({
        command: { argv: ["echo", CANARY, "hello", "x2"] },
        rollout: { canary: 1 },
        runbook
      })
      expect(proposed.plan.targets.map(({ name }) => name)).toEqual(["web-1", "web-2"])
      const other = { ...runbook, parameters: { ...runbook.parameters, times: "3" } }
      for (const changed of [other, { ...runbook, version: 2 }]) {
        expect(planDigest({ ...proposed.plan, runbook: changed })).not.toBe(proposed.digest)
      }
      const granted = yield* decideAs(bob, proposed)
      expect(yield* ended(granted.id).pipe(Effect.provide(dispatcherLayer()))).toMatchObject({ state: "succeeded" })
      expect(yield* outputOf(granted.id)).toContain("hello")
      const [entry] = yield* (yield* AuditLog).list({ organisation, action: "execution.proposed" })
      expect(entry?.entry.facts).toMatchObject({ runbook: saved.id, runbookVersion: "say@1" })
      expect(yield* databaseDump).not.toContain(CANARY)
    }).pipe(Effect.provide(layer()))
  )

  it.effect("shows what differs from its last approved use, wherever that ran and in whatever version", () =>
    Effect.gen(function* () {
      yield* twoTargets
      yield* put(say())
      const gate = yield* Gate
      const first = yield* use({ parameters: { what: "a" }, targets: ["web-1"] })
      expect((yield* gate.view(organisation, first.id)).difference).toEqual({ _tag: "First" })
      yield* decideAs(bob, first)
      yield* put(say({ description: "Says it again." }))
      const second = yield* use({ parameters: { what: "b" }, targets: ["web-2"] })
      const view = yield* gate.view(organisation, second.id)
      expect(viewDigest(view)).toBe(second.digest)
      expect(view.runbook?.parameters.map(({ name }) => name)).toEqual([
        [{ text: "times" }],
        [{ text: "what" }],
        [{ text: "where" }]
      ])
      expect(view.difference).toMatchObject({ _tag: "Since", execution: first.id })
      const changed = view.difference._tag === "Since" ? JSON.stringify(view.difference.changes) : ""
      for (const field of ["arguments", '"text":"runbook"', "version 2", "runbook.parameter.what"]) {
        expect(changed).toContain(field)
      }
    }).pipe(Effect.provide(layer()))
  )

  it.effect("has versions that nothing changes; an older one can be used, and the same document is no new one", () =>
    Effect.gen(function* () {
      yield* twoTargets
      const runbooks = yield* Runbooks
      const saved = yield* put(say())
      expect(saved).toMatchObject({ version: 1, newest: 1, putBy: ada.person })
      expect(yield* put(say(), { replaces: 1 })).toMatchObject({ version: 1 })
      expect(yield* put(say({ rollout: { canary: 2 } }), { replaces: 1 })).toMatchObject({ version: 2, id: saved.id })
      expect(yield* Effect.flip(put(say({ rollout: {} }), { replaces: 1 }))).toMatchObject({ reason: "changed" })
      expect(yield* runbooks.get(organisation, "say", 1)).toMatchObject({ version: 1, newest: 2, document: say() })
      expect((yield* runbooks.history(organisation, saved.id)).map(({ version }) => version)).toEqual([2, 1])
      expect((yield* use({ version: 1 })).plan.rollout).toEqual({ canary: 1 })
      expect((yield* use()).plan.runbook?.version).toBe(2)
      expect(yield* Effect.flip(use({ version: 3 }))).toMatchObject({ reason: "unknown-version" })
      expect(yield* actionsOn(saved.id)).toEqual(["runbook.put", "runbook.put"])
    }).pipe(Effect.provide(layer()))
  )

  it.live("put by several at once has each version once", () =>
    Effect.gen(function* () {
      const all = Array.from({ length: 6 }, (_, index) => Effect.result(put(say({ description: `Version ${index}.` }))))
      const results = yield* Effect.all(all, { concurrency: "unbounded" })
      const saved = (yield* (yield* Runbooks).history(organisation, "say")).map(({ version }) => version)
      expect(saved).toEqual(Array.from({ length: saved.length }, (_, index) => saved.length - index))
      expect(results.filter(({ _tag }) => _tag === "Success").length).toBeGreaterThanOrEqual(1)
    }).pipe(Effect.provide(layer()))
  )

  it.effect("that is retired is used no more, and its name is free; what was proposed before goes on", () =>
    Effect.gen(function* () {
      yield* twoTargets
      const runbooks = yield* Runbooks
      const saved = yield* put(say())
      const before = yield* use({ targets: ["web-1"] })
      const retired = yield* runbooks.retire({ organisation, actor: ada, runbook: "say" })
      expect(retired).toMatchObject({ id: saved.id, retiredAt: expect.any(String) })
      for (const runbook of ["say", saved.id]) {
        expect(yield* Effect.flip(use({ runbook }))).toMatchObject({ reason: "unknown" })
      }
      yield* decideAs(bob, before)
      expect(yield* ended(before.id).pipe(Effect.provide(dispatcherLayer()))).toMatchObject({ state: "succeeded" })
      const anew = yield* put(say())
      expect(anew.id).not.toBe(saved.id)
      expect((yield* runbooks.list(organisation)).map(({ id }) => id)).toEqual([anew.id])
      expect((yield* runbooks.list(organisation, { withRetired: true })).length).toBe(2)
      expect(yield* actionsOn(saved.id)).toEqual(["runbook.put", "runbook.retired"])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("that is wrong, foreign, or put by a program changes nothing; wrong values propose nothing", () =>
    Effect.gen(function* () {
      yield* twoTargets
      const runbooks = yield* Runbooks
      for (const actor of [agent, service]) {
        expect(yield* Effect.flip(put(say(), { actor }))).toMatchObject({ reason: "not-a-person" })
      }
      expect(yield* Effect.flip(put(say({ executor: "nothing" })))).toMatchObject({ reason: "unknown-executor" })
      const invalid = yield* Effect.flip(put(say({ parameters: {} })))
      expect(invalid).toMatchObject({ reason: "invalid", detail: expect.stringContaining("input.words[1]") })
      expect(yield* runbooks.list(organisation)).toEqual([])
      const saved = yield* put(say())
      for (const parameters of [{ what: "A" }, { times: 4 }, { nothing: 1 }]) {
        expect(yield* Effect.flip(use({ parameters }))).toMatchObject({ reason: "parameters" })
      }
      expect(yield* Effect.flip(use({ parameters: { where: "tag:nowhere" } }))).toMatchObject({
        reason: "unknown-target"
      })
      expect(yield* (yield* Gate).list({ organisation })).toEqual([])
      for (const runbook of ["say", saved.id]) {
        expect(yield* Effect.flip(runbooks.get(otherOrganisation, runbook))).toMatchObject({ reason: "unknown" })
      }
    }).pipe(Effect.provide(layer()))
  )
})
