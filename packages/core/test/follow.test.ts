import { it } from "@effect/vitest"
import { Effect, Layer, Result } from "effect"
import { describe, expect } from "vitest"
import { sqliteLayer } from "../src/database/sqlite.ts"
import {
  AuditLog,
  auditLogLayer,
  ephemeralSigningKey,
  followCheckpoint,
  newId,
  OrganisationId,
  SystemActor
} from "../src/index.ts"

const key = ephemeralSigningKey("log.test/follow")
const organisation = Effect.runSync(newId(OrganisationId, "org"))
const event = { organisation, actor: new SystemActor({ component: "test" }), action: "thing.changed", object: "thing" }

const add = Effect.fnUntraced(function* (count: number) {
  const log = yield* AuditLog
  for (let n = 0; n < count; n++) yield* log.awaitCheckpoint(yield* log.record({ ...event, outcome: "success" }))
  return yield* log.checkpoint
})

/** Another log of the same key in a database of its own. */
const otherLog = <A, E>(work: Effect.Effect<A, E, AuditLog>) =>
  Effect.provide(
    work,
    Layer.fresh(auditLogLayer({ origin: key.name, key }).pipe(Layer.provide(sqliteLayer({ filename: ":memory:" }))))
  )

const log = key.verifier

describe("a log that is followed", () => {
  it.live("goes on from checkpoint to checkpoint, each with its proof", () =>
    otherLog(
      Effect.gen(function* () {
        const audit = yield* AuditLog
        const known = Result.getOrThrow(followCheckpoint({ note: yield* add(3), proof: [], log }))
        expect(known.size).toBe(3n)
        const note = yield* add(4)
        const proof = yield* audit.proveConsistency({ first: 3, second: 7 })
        const next = Result.getOrThrow(followCheckpoint({ known, note, proof, log }))
        expect(next.size).toBe(7n)
        expect(Result.getOrThrow(followCheckpoint({ known: next, note, proof: [], log }))).toEqual(next)
      })
    )
  )

  it.live("is refused with the reason when it was forked, rolled back, or signed by another key", () =>
    Effect.gen(function* () {
      const reasonOf = (next: Parameters<typeof followCheckpoint>[0]) =>
        Result.getOrThrow(Result.flip(followCheckpoint(next))).reason
      const [small, known] = yield* otherLog(
        Effect.gen(function* () {
          const notes = [yield* add(2), yield* add(1)]
          return notes.map((note) => Result.getOrThrow(followCheckpoint({ note, proof: [], log })))
        })
      )
      yield* otherLog(
        Effect.gen(function* () {
          const audit = yield* AuditLog
          const shorter = yield* add(2)
          const same = yield* add(1)
          const longer = yield* add(2)
          const proof = yield* audit.proveConsistency({ first: 3, second: 5 })
          expect(reasonOf({ known: known!, note: shorter, proof: [], log })).toBe("rolled-back")
          expect(reasonOf({ known: known!, note: same, proof: [], log })).toBe("fork")
          expect(reasonOf({ known: known!, note: longer, proof, log })).toBe("fork")
          expect(reasonOf({ known: small!, note: longer, proof: [], log })).toBe("fork")
          const stranger = ephemeralSigningKey(key.name).verifier
          expect(reasonOf({ note: longer, proof: [], log: stranger })).toBe("bad-signature")
        })
      )
    })
  )
})
