// Bounded grants: one decision, exact commands on exact targets, once each at most; or a window for reads.
import { it } from "@effect/vitest"
import { AuditLog, Database } from "@fluxcybers/core"
import { Effect, Layer } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import {
  type BoundedGrant,
  BoundedGrants,
  type BoundedRequest,
  boundedDigest,
  Policies,
  Targets
} from "../src/index.ts"
import {
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
  proposeAs,
  service,
  team,
  testExecutor,
  web1
} from "./world.ts"

type Who = BoundedRequest["actor"]

const HOUR_MS = 3_600_000
const words = (...list: ReadonlyArray<string>) => ({ words: list })

const requestAs = Effect.fnUntraced(function* (actor: Who, more: Partial<BoundedRequest> = {}) {
  const grants = yield* BoundedGrants
  const commands = [words("a"), words("b")]
  return yield* grants.request({
    organisation,
    actor,
    executor: "echo",
    targets: ["web-1", "web-2"],
    commands,
    expiresInMs: HOUR_MS,
    ...more
  })
})

const decideAs = Effect.fnUntraced(function* (
  actor: Who,
  { id, digest }: BoundedGrant,
  verdict: "approve" | "reject" = "approve"
) {
  return yield* (yield* BoundedGrants).decide({ organisation, actor, id, verdict, digest })
})

const run = (actor: Who, word: string, ...targets: ReadonlyArray<string>) =>
  Effect.map(
    proposeAs(actor, { input: words(word), targets }),
    ({ requirement, state }) => `${requirement._tag} ${state}`
  )

const twoTargets = Effect.gen(function* () {
  const targets = yield* Targets
  for (const name of ["web-1", "web-2"]) yield* targets.add({ organisation, actor: ada, settings: { ...web1, name } })
})

describe.each(databases)("$name", (database) => {
  const layer = (access: "read" | "write" = "write") => {
    const plan = ({ words: list }: { readonly words: ReadonlyArray<string> }) => ({
      command: { _tag: "Argv" as const, argv: ["echo", ...list] as [string, ...Array<string>] },
      access: list[0] === "write" ? ("write" as const) : access,
      sentence: "Says it."
    })
    const world = { ...team(), executors: [testExecutor({ needsTarget: true, plan })] }
    return BoundedGrants.layer.pipe(Layer.provideMerge(gateLayer(world, database)))
  }

  it.effect("one decision lets each command run once on each target, and nothing else", () =>
    Effect.gen(function* () {
      yield* twoTargets
      const asked = yield* requestAs(agent)
      expect(asked).toMatchObject({ state: "pending", uses: 0, scope: { kind: "commands", usesMax: 4 } })
      expect(asked.digest).toBe(boundedDigest(asked.scope))
      expect(yield* run(agent, "a", "web-1")).toBe("People pending")
      expect(yield* decideAs(bob, asked)).toMatchObject({ state: "active", decisions: [{ person: bob.person }] })
      expect(yield* run(agent, "a", "web-1")).toBe("Bounded granted")
      expect(yield* run(agent, "a", "web-1")).toBe("People pending")
      expect(yield* run(agent, "a", "web-1", "web-2")).toBe("People pending")
      expect(yield* run(agent, "b", "web-1", "web-2")).toBe("Bounded granted")
      expect(yield* run(agent, "c", "web-2")).toBe("People pending")
      for (const other of [ada, service]) expect(yield* run(other, "a", "web-2")).toBe("People pending")
      expect(yield* run(agent, "a", "web-2")).toBe("Bounded granted")
      expect(yield* (yield* BoundedGrants).get(organisation, asked.id)).toMatchObject({ uses: 3 })
      const used = yield* (yield* AuditLog).list({ organisation, action: "bounded-grant.used" })
      expect(used.length).toBe(3)
      expect(yield* databaseDump).not.toContain("Says it.")
    }).pipe(Effect.provide(layer()))
  )

  it.live("of many who use it at once, each command runs once on each target", () =>
    Effect.gen(function* () {
      yield* twoTargets
      const grant = yield* decideAs(bob, yield* requestAs(agent))
      const all = Array.from({ length: 12 }, (_, index) =>
        run(agent, index % 2 === 0 ? "a" : "b", index % 4 < 2 ? "web-1" : "web-2")
      )
      const results = yield* Effect.all(all, { concurrency: "unbounded" })
      expect(results.filter((result) => result === "Bounded granted").length).toBe(4)
      expect(results.filter((result) => result === "People pending").length).toBe(8)
      expect(yield* (yield* BoundedGrants).get(organisation, grant.id)).toMatchObject({ uses: 4 })
      const { sql } = yield* Database
      const cells = yield* sql<{
        execution: string
      }>`SELECT execution FROM executor_bounded_cells WHERE execution IS NOT NULL`
      expect(new Set(cells.map(({ execution }) => execution)).size).toBe(4)
    }).pipe(Effect.provide(layer()))
  )

  it.live("a window lets everything that only reads run on its targets, so many times, for its requester", () =>
    Effect.gen(function* () {
      yield* twoTargets
      const targets = yield* Targets
      yield* decideAs(ada, yield* requestAs(agent, { commands: [], targets: ["web-1"], usesMax: 3 }))
      expect(yield* run(agent, "x", "web-1")).toBe("Bounded granted")
      expect(yield* run(agent, "write", "web-1")).toBe("People pending")
      expect(yield* run(agent, "x", "web-2")).toBe("People pending")
      expect(yield* run(agent, "x", "web-1", "web-2")).toBe("People pending")
      expect(yield* run(bob, "x", "web-1")).toBe("People pending")
      const many = yield* Effect.all(
        Array.from({ length: 6 }, () => run(agent, "y", "web-1")),
        { concurrency: "unbounded" }
      )
      expect(many.filter((result) => result === "Bounded granted").length).toBe(2)
      yield* decideAs(ada, yield* requestAs(agent, { commands: [], targets: ["web-1"] }))
      yield* targets.change({
        organisation,
        actor: ada,
        target: "web-1",
        settings: { hostKey: `SHA256:${"B".repeat(43)}` }
      })
      expect(yield* run(agent, "x", "web-1")).toBe("People pending")
    }).pipe(Effect.provide(layer("read")))
  )

  it.live("what is revoked, expired, or decided under other rules covers nothing, and starts nothing", () =>
    Effect.gen(function* () {
      yield* twoTargets
      const grants = yield* BoundedGrants
      const { sql } = yield* Database
      const granted = Effect.andThen(requestAs(agent), (asked) => decideAs(bob, asked))
      const revoked = yield* granted
      const started = yield* proposeAs(agent, { input: words("a"), targets: ["web-1"] })
      expect(started.state).toBe("granted")
      expect(yield* Effect.flip(grants.revoke({ organisation, actor: cyd, id: revoked.id }))).toMatchObject({
        reason: "role"
      })
      expect(yield* grants.revoke({ organisation, actor: agent, id: revoked.id })).toMatchObject({ state: "revoked" })
      expect(yield* Effect.flip(grants.revoke({ organisation, actor: ada, id: revoked.id }))).toMatchObject({
        reason: "ended"
      })
      expect(yield* run(agent, "b", "web-1")).toBe("People pending")
      expect(yield* ended(started.id).pipe(Effect.provide(dispatcherLayer()))).toMatchObject({
        state: "failed",
        detail: expect.stringContaining(`The bounded grant ${revoked.id} is revoked`)
      })
      const expired = yield* granted
      yield* sql`UPDATE executor_bounded_grants SET expires_at = ${"1970-01-01T00:00:00.000Z"} WHERE id = ${expired.id}`
      expect(yield* run(agent, "b", "web-1")).toBe("People pending")
      const working = yield* granted
      const runs = yield* proposeAs(agent, { input: words("b"), targets: ["web-1"] })
      expect(yield* ended(runs.id).pipe(Effect.provide(dispatcherLayer()))).toMatchObject({ state: "succeeded" })
      const rules = {
        name: "other",
        rules: [{ name: "one", require: { people: [{ count: 1, roles: ["approver"] }] } }]
      }
      yield* (yield* Policies).put({ organisation, actor: ada, document: rules })
      expect(yield* run(agent, "a", "web-1")).toBe("People pending")
      expect(yield* grants.get(organisation, working.id)).toMatchObject({ state: "active", uses: 1 })
    }).pipe(Effect.provide(layer()))
  )

  it.effect("only people whom the rules want decide on it, on its own digest, and never a program", () =>
    Effect.gen(function* () {
      yield* twoTargets
      const grants = yield* BoundedGrants
      const asked = yield* requestAs(ada)
      for (const [actor, reason] of [
        [agent, "not-a-person"],
        [service, "not-a-person"],
        [ada, "role"],
        [cyd, "role"]
      ] as const) {
        expect(yield* Effect.flip(decideAs(actor, asked))).toMatchObject({ reason })
      }
      expect(yield* Effect.flip(decideAs(bob, { ...asked, digest: "0" }))).toMatchObject({ reason: "digest" })
      expect(yield* decideAs(bob, asked, "reject")).toMatchObject({ state: "rejected" })
      expect(yield* Effect.flip(decideAs(bob, asked))).toMatchObject({ reason: "not-pending" })
      expect(yield* Effect.flip(grants.get(otherOrganisation, asked.id))).toMatchObject({ reason: "unknown" })
      const people = [{ count: 1, roles: ["approver"] }]
      const signed = { name: "signed", rules: [{ name: "one", require: { people, signature: "passkey" } }] }
      yield* (yield* Policies).put({ organisation, actor: ada, document: signed })
      expect(yield* Effect.flip(requestAs(agent))).toMatchObject({ reason: "signature" })
      expect(yield* Effect.flip(requestAs(agent, { targets: ["nowhere"] }))).toMatchObject({ reason: "invalid" })
      expect(yield* Effect.flip(requestAs(agent, { expiresInMs: 1 }))).toMatchObject({ reason: "invalid" })
    }).pipe(Effect.provide(layer()))
  )
})
