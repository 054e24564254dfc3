import { it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import {
  type AuditEvent,
  AuditLog,
  auditLogLayer,
  Database,
  ephemeralSigningKey,
  newId,
  OrganisationId,
  SystemActor
} from "../src/index.ts"

const origin = "log.test/fluxcybers"
const key = ephemeralSigningKey(origin)
const organisation = Effect.runSync(newId(OrganisationId, "org"))
const event = (object: string, more?: Partial<AuditEvent>): AuditEvent => ({
  organisation,
  actor: new SystemActor({ component: "test" }),
  action: "thing.changed",
  object,
  outcome: "success",
  ...more
})

describe.each(databases)("$name", ({ layer }) => {
  const log = () => auditLogLayer({ origin, key }).pipe(Layer.provideMerge(layer()))

  it.effect("an entry comes under a checkpoint and is listed with its index", () =>
    Effect.gen(function* () {
      const audit = yield* AuditLog
      const first = yield* audit.record(event("a"))
      const second = yield* audit.record(event("b", { facts: { bytes: 3, rule: "r" } }))
      yield* audit.awaitCheckpoint(first)
      yield* audit.awaitCheckpoint(second)
      const listed = yield* audit.list({ organisation })
      expect(listed.map(({ index, entry }) => [index, entry.id, entry.object])).toEqual([
        [1, second, "b"],
        [0, first, "a"]
      ])
      expect(yield* audit.checkpoint).toContain(`${origin}\n2\n`)
    }).pipe(Effect.provide(log()))
  )

  it.effect("a transaction that is rolled back leaves no entry", () =>
    Effect.gen(function* () {
      const audit = yield* AuditLog
      const { transaction } = yield* Database
      yield* Effect.flip(transaction(Effect.andThen(audit.record(event("gone")), Effect.fail("no"))))
      yield* audit.awaitCheckpoint(yield* transaction(audit.record(event("kept"))))
      const listed = yield* audit.list({ organisation })
      expect(listed.map(({ index, entry }) => [index, entry.object])).toEqual([[0, "kept"]])
    }).pipe(Effect.provide(log()))
  )
})
