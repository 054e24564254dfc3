import { it } from "@effect/vitest"
import { AuditLog } from "@fluxcybers/core"
import { Effect } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { invalidSetting, type TargetSettings, Targets } from "../src/index.ts"
import { ada, gateLayer, makeWorld, organisation, otherOrganisation, web1 } from "./world.ts"

describe.each(databases)("$name", (database) => {
  const world = () => gateLayer(makeWorld(), database)

  it.effect("a target is found by name and by id, only in its organisation", () =>
    Effect.gen(function* () {
      const targets = yield* Targets
      const added = yield* targets.add({ organisation, actor: ada, settings: { ...web1, tags: ["b", "a", "b"] } })
      expect(added).toEqual({ ...web1, id: added.id, tags: ["a", "b"] })
      expect(yield* targets.get(organisation, "web-1")).toEqual(added)
      expect(yield* targets.get(organisation, added.id)).toEqual(added)
      expect(yield* Effect.flip(targets.get(otherOrganisation, added.id))).toMatchObject({ reason: "unknown" })
      expect(yield* targets.list(otherOrganisation)).toEqual([])
    }).pipe(Effect.provide(world()))
  )

  it.effect("two targets cannot have one name, but the name of a removed one is free", () =>
    Effect.gen(function* () {
      const targets = yield* Targets
      const settings = web1
      const first = yield* targets.add({ organisation, actor: ada, settings })
      const twice = yield* Effect.flip(targets.add({ organisation, actor: ada, settings }))
      expect(twice).toMatchObject({ reason: "exists", message: expect.stringContaining('already a target "web-1"') })
      yield* targets.add({ organisation: otherOrganisation, actor: ada, settings })
      yield* targets.remove({ organisation, actor: ada, target: "web-1" })
      const second = yield* targets.add({ organisation, actor: ada, settings })
      expect(second.id).not.toBe(first.id)
      expect((yield* targets.list(organisation)).map(({ id }) => id)).toEqual([second.id])
    }).pipe(Effect.provide(world()))
  )

  it.effect("a change says in the log which fields it changed, and one that changes nothing says nothing", () =>
    Effect.gen(function* () {
      const targets = yield* Targets
      const { id } = yield* targets.add({ organisation, actor: ada, settings: web1 })
      const change = (settings: Partial<TargetSettings>) =>
        targets.change({ organisation, actor: ada, target: "web-1", settings })
      expect(yield* change({ port: 2222, account: "root" })).toMatchObject({ port: 2222, account: "root" })
      yield* change({ port: 2222 })
      yield* targets.add({ organisation, actor: ada, settings: { ...web1, name: "web-2" } })
      expect(yield* Effect.flip(change({ name: "web-2" }))).toMatchObject({ reason: "exists" })
      expect(yield* Effect.flip(change({ port: 0 }))).toMatchObject({ reason: "invalid" })
      yield* targets.remove({ organisation, actor: ada, target: id })
      expect(yield* Effect.flip(change({ port: 22 }))).toMatchObject({ reason: "unknown" })
      const log = yield* (yield* AuditLog).list({ organisation, object: id })
      expect(log.map(({ entry }) => [entry.action, entry.facts["changed"]])).toEqual([
        ["target.removed", undefined],
        ["target.changed", "port,account"],
        ["target.added", undefined]
      ])
    }).pipe(Effect.provide(world()))
  )

  it.effect("a target is reached through another one, named or not, and its plan holds the whole way", () =>
    Effect.gen(function* () {
      const { add, change, get, pin } = yield* withTargets
      const outer = yield* add("outer")
      const inner = yield* add("inner", "outer")
      const web = yield* add("web-1", inner.id)
      expect([inner.jump, web.jump]).toEqual([outer.id, inner.id])
      const { tags: _, jump: __, ...host } = web
      const [pinned] = yield* pin(organisation, [web])
      expect(pinned).toEqual({ ...host, jumps: [expect.objectContaining({ name: "outer" }), expect.anything()] })
      expect(pinned!.jumps![1]).not.toHaveProperty("jump")
      yield* change("web-1", { port: 2222 })
      expect(yield* change("web-1", { jump: null })).not.toHaveProperty("jump")
      const direct = yield* get(organisation, "web-1")
      expect((yield* pin(organisation, [direct]))[0]).not.toHaveProperty("jumps")
    }).pipe(Effect.provide(world()))
  )

  it.effect("a way never goes round in circles, never grows too long, and never loses a host", () =>
    Effect.gen(function* () {
      const { add, change, remove } = yield* withTargets
      const names = ["a", "b", "c", "d", "e", "f"]
      for (const [index, name] of names.entries()) yield* add(name, names[index - 1])
      expect(yield* Effect.flip(add("g", "f"))).toMatchObject({
        reason: "invalid",
        detail: expect.stringMatching(/more than 5 jump hosts/)
      })
      expect(yield* Effect.flip(add("g", "nowhere"))).toMatchObject({ reason: "unknown" })
      expect(yield* Effect.flip(change("a", { jump: "c" }))).toMatchObject({
        detail: expect.stringMatching(/goes round in circles/)
      })
      expect(yield* Effect.flip(change("a", { jump: "a" }))).toMatchObject({
        detail: expect.stringMatching(/goes round in circles/)
      })
      yield* add("before")
      expect(yield* Effect.flip(change("a", { jump: "before" }))).toMatchObject({
        detail: expect.stringMatching(/way to "f" has more/)
      })
      expect(yield* Effect.flip(remove("a"))).toMatchObject({
        reason: "in-use",
        detail: expect.stringMatching(/"b" is reached through "a"/)
      })
      yield* change("b", { jump: null })
      yield* remove("a")
    }).pipe(Effect.provide(world()))
  )
})

const withTargets = Effect.gen(function* () {
  const targets = yield* Targets
  const by = { organisation, actor: ada }
  return {
    ...targets,
    add: (name: string, jump?: string) =>
      targets.add({ ...by, settings: { ...web1, name, ...(jump === undefined ? {} : { jump }) } }),
    change: (target: string, settings: Partial<TargetSettings>) => targets.change({ ...by, target, settings }),
    remove: (target: string) => targets.remove({ ...by, target })
  }
})

describe("settings", () => {
  const valid: ReadonlyArray<Partial<TargetSettings>> = [
    {},
    { host: "web-1.example.com" },
    { host: "2001:db8::1" },
    { host: "::1" },
    { hostKey: `cert-authority:SHA256:${"A".repeat(43)}` },
    { revokedKeys: [`SHA256:${"B".repeat(43)}`] },
    { passphrase: "ssh/passphrase" },
    { account: "DOMAIN\\ada" },
    { credential: "ssh/web-1.key" },
    { tags: ["env:prod", "eu-west/1"] }
  ]
  it.each(valid)("are accepted: %j", (change) => {
    expect(invalidSetting({ ...web1, ...change })).toBeUndefined()
  })

  const invalid: ReadonlyArray<Partial<TargetSettings>> = [
    { name: "" },
    { name: "target_1" },
    { name: "-rf" },
    { name: "a b" },
    { host: "" },
    { host: "ops@web-1" },
    { host: "web-1 " },
    { host: "-oProxyCommand=x" },
    { port: 0 },
    { port: 65_536 },
    { port: 22.5 },
    { account: "" },
    { account: "a b" },
    { account: "a\u0000" },
    { account: "a\u202e" },
    { hostKey: "MD5:00" },
    { hostKey: `authority:SHA256:${"A".repeat(43)}` },
    { revokedKeys: [web1.hostKey] },
    { hostKey: `cert-authority:${web1.hostKey}`, revokedKeys: [web1.hostKey] },
    { revokedKeys: ["x"] },
    { passphrase: "a b" },
    { hostKey: "SHA256:short" },
    { credential: "" },
    { tags: ["UPPER"] },
    { tags: Array.from({ length: 33 }, (_, index) => `t${index}`) }
  ]
  it.each(invalid)("are refused with a sentence: %j", (change) => {
    expect(invalidSetting({ ...web1, ...change })).toMatch(/^(The|A) .*\.$/)
  })
})
