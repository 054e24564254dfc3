// Breaking the glass: it runs at once, and another person must look at it.
import { it } from "@effect/vitest"
import { AuditLog, Database } from "@fluxcybers/core"
import { Effect, Layer } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { Reviews } from "../src/index.ts"
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
  proposeAs,
  service,
  team
} from "./world.ts"

const reason = "canary-fire"

const breakAs = (actor: Parameters<typeof proposeAs>[0], more: Parameters<typeof proposeAs>[1] = {}) =>
  proposeAs(actor, { breakGlass: true, reason, ...more })

const closeAs = Effect.fnUntraced(function* (
  actor: Parameters<typeof proposeAs>[0],
  execution: Effect.Success<ReturnType<typeof proposeAs>>["id"],
  conclusion = "canary-conclusion"
) {
  return yield* (yield* Reviews).close({ organisation, actor, execution, conclusion })
})

describe.each(databases)("$name", (database) => {
  const layer = () => Reviews.layer.pipe(Layer.provideMerge(gateLayer(team(), database)))

  it.live("it runs now, the log says so, and a review is open until another person closes it", () =>
    Effect.gen(function* () {
      const reviews = yield* Reviews
      const broken = yield* breakAs(ada)
      expect(broken).toMatchObject({
        state: "granted",
        reason,
        decisions: [],
        requirement: { _tag: "BreakGlass", rule: "team@1/another-person" }
      })
      const [open] = yield* reviews.list(organisation)
      expect(open).toMatchObject({ execution: broken.id, openedBy: ada.person })
      expect(Date.parse(open!.dueAt) - Date.parse(open!.openedAt)).toBeLessThanOrEqual(24 * 3_600_000)
      expect(yield* Effect.flip(closeAs(bob, broken.id))).toMatchObject({ reason: "running" })
      expect(yield* ended(broken.id).pipe(Effect.provide(dispatcherLayer()))).toMatchObject({ state: "succeeded" })
      const refused = (...input: Parameters<typeof closeAs>) =>
        Effect.map(Effect.flip(closeAs(...input)), (failure) => ("reason" in failure ? failure.reason : failure._tag))
      expect(yield* refused(ada, broken.id)).toBe("own")
      expect(yield* refused(agent, broken.id)).toBe("not-a-person")
      expect(yield* refused(service, broken.id)).toBe("not-a-person")
      expect(yield* refused(cyd, broken.id)).toBe("role")
      expect(yield* refused(bob, broken.id, " ")).toBe("conclusion")
      expect(yield* closeAs(bob, broken.id)).toMatchObject({ closedBy: bob.person, conclusion: "canary-conclusion" })
      expect(yield* refused(bob, broken.id)).toBe("closed")
      expect(yield* reviews.list(organisation)).toEqual([])
      expect(yield* reviews.list(organisation, true)).toMatchObject([{ closedBy: bob.person }])
      expect(yield* reviews.list(otherOrganisation, true)).toEqual([])
      expect(yield* actionsOn(broken.id)).toEqual(
        expect.arrayContaining(["execution.proposed", "execution.glass-broken", "execution.granted", "review.closed"])
      )
      expect(yield* databaseDump).not.toContain("canary-")
    }).pipe(Effect.provide(layer()))
  )

  it.effect("only by a person in a role that may, with a reason, and only where the rules let anybody", () =>
    Effect.gen(function* () {
      for (const program of [agent, service]) {
        expect(yield* Effect.flip(breakAs(program))).toMatchObject({ reason: "break-glass" })
      }
      expect(yield* Effect.flip(breakAs(bob))).toMatchObject({
        reason: "break-glass",
        message: "Only owner can break the glass. Nothing was proposed."
      })
      expect(yield* Effect.flip(breakAs(ada, { reason: " " }))).toMatchObject({ reason: "missing-reason" })
      expect(yield* (yield* Reviews).list(organisation, true)).toEqual([])
      expect(yield* (yield* AuditLog).list({ organisation })).toEqual([])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("an overdue review refuses the next time of the same person, until it is closed", () =>
    Effect.gen(function* () {
      const broken = yield* breakAs(ada)
      yield* breakAs(ada)
      const { sql } = yield* Database
      yield* sql`UPDATE executor_reviews SET due_at = ${"1970-01-01T00:00:00.000Z"} WHERE execution = ${broken.id}`
      expect(yield* Effect.flip(breakAs(ada))).toMatchObject({
        reason: "review-overdue",
        message: expect.stringContaining("policy reviews")
      })
      expect(yield* proposeAs(ada)).toMatchObject({ state: "pending" })
      yield* sql`UPDATE executor_executions SET state = 'succeeded' WHERE id = ${broken.id}`
      yield* closeAs(bob, broken.id)
      expect(yield* breakAs(ada)).toMatchObject({ state: "granted" })
    }).pipe(Effect.provide(layer()))
  )

  it.effect("what the rules refuse stays refused", () => {
    const closed = {
      name: "closed",
      version: 1,
      breakGlass: { roles: ["owner" as const], reviewWithinHours: 1 },
      rules: [{ name: "freeze", require: { refuse: "Frozen." } }]
    }
    return Effect.gen(function* () {
      expect(yield* Effect.flip(breakAs(ada))).toMatchObject({ reason: "refused-by-rule" })
    }).pipe(Effect.provide(gateLayer(team(), database, { shipped: () => closed })))
  })
})
