import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { it } from "@effect/vitest"
import {
  AuditLog,
  AuditSlots,
  auditLogLayer,
  auditSlotsLayer,
  Database,
  ephemeralSigningKey,
  newId,
  OrganisationId,
  PersonActor,
  PersonId,
  verifyLog
} from "@fluxcybers/core"
import {
  erasureJournalFileLayer,
  KeyRotation,
  keyRotationLayer,
  type RotationScope,
  rootKeyFileLayer,
  Shredding,
  vaultLayer
} from "@fluxcybers/vault"
import { Effect, Layer, Schedule } from "effect"
import { describe, expect } from "vitest"
import { type Location, layerAt, serverDatabases } from "../../../repo/testing/databases.ts"
import { sealedColumns } from "../src/data/sealed-columns.ts"

const origin = "log.test/slots"
const key = ephemeralSigningKey(origin)
const organisation = Effect.runSync(newId(OrganisationId, "org"))
const actor = new PersonActor({ person: Effect.runSync(newId(PersonId, "person")) })
const [MARA, NOOR] = ["person_mara_canary", "person_noor_canary"]
const CANARY = "mara.lindqvist@canary.example"
const KEPT = "noor@kept.example"

const temporaryFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "fluxcybers-slots-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

/** As the server lists it; the other columns need its other tables. */
const SECRETS = sealedColumns.filter(({ table }) => table === "core_audit_subjects")

const layersAt = (folder: string, location: Location) =>
  Layer.merge(auditSlotsLayer, keyRotationLayer(SECRETS)).pipe(
    Layer.provideMerge(vaultLayer),
    Layer.provideMerge(auditLogLayer({ origin, key })),
    Layer.provide(rootKeyFileLayer({ path: join(folder, "root.key"), createIfMissing: true })),
    Layer.provide(erasureJournalFileLayer({ path: join(folder, "erasures") })),
    Layer.provideMerge(layerAt(location))
  )

/** Two entries about both, and one about the second only. */
const recordThree = Effect.gen(function* () {
  const slots = yield* AuditSlots
  const log = yield* AuditLog
  const both = [
    { subject: MARA, text: CANARY },
    { subject: NOOR, text: KEPT }
  ]
  return yield* Effect.forEach([both, both, both.slice(1)], (texts) =>
    Effect.gen(function* () {
      const sealed = yield* slots.seal(organisation, texts)
      return yield* log.record({
        organisation,
        actor,
        action: "thing.changed",
        object: "thing",
        outcome: "success",
        sealed
      })
    })
  )
})

const slotsOf = Effect.gen(function* () {
  const listed = yield* (yield* AuditLog).list({ organisation, action: "thing.changed" })
  return listed.map(({ entry }) => entry.sealed)
})

/** A rotation, taken to its end. */
const rotated = Effect.fnUntraced(function* (scope: RotationScope) {
  const rotation = yield* KeyRotation
  const { id } = yield* rotation.begin({ organisation, actor, scope })
  const found = Effect.map(rotation.rotations(organisation), (all) => all.find((each) => each.id === id))
  return yield* Effect.repeat(found, {
    until: (each) => each?.state === "completed",
    schedule: Schedule.spaced("25 millis")
  }).pipe(Effect.timeout("20 seconds"))
})

const request = { organisation, actor, purpose: "security-monitoring" } as const

describe.each(serverDatabases)("sealed slots on $name", ({ fresh }) => {
  const place = Effect.all({ folder: temporaryFolder, location: fresh })

  it.live("open for the subject that they are about, for a purpose that is in the log", () =>
    Effect.gen(function* () {
      const { folder, location } = yield* place
      yield* Effect.gen(function* () {
        const slots = yield* AuditSlots
        const [first, , third] = yield* recordThree
        expect(yield* slots.open({ ...request, entry: first!, subject: MARA })).toBe(CANARY)
        expect(yield* slots.open({ ...request, entry: first!, subject: NOOR })).toBe(KEPT)
        expect(yield* slots.open({ ...request, entry: third!, subject: MARA })).toBeUndefined()
        const refused = yield* Effect.flip(slots.open({ ...request, purpose: "billing", entry: first!, subject: MARA }))
        expect(refused._tag).toBe("SlotPurposeRefused")
        const reads = yield* (yield* AuditLog).list({ organisation, action: "audit-slot.opened" })
        expect(reads.map(({ entry }) => [entry.object, entry.outcome, entry.facts["purpose"]])).toEqual([
          [first, "denied", "billing"],
          [third, "success", "security-monitoring"],
          [first, "success", "security-monitoring"],
          [first, "success", "security-monitoring"]
        ])
      }).pipe(Effect.provide(layersAt(folder, location)))
    })
  )

  it.live("are read after their secrets were rotated, with the person's key and with the organisation's", () =>
    Effect.gen(function* () {
      const { folder, location } = yield* place
      yield* Effect.gen(function* () {
        const [{ sql }, slots, rotation] = [yield* Database, yield* AuditSlots, yield* KeyRotation]
        const [first] = yield* recordThree
        const before = yield* sql<{
          secret: Uint8Array
        }>`SELECT secret FROM core_audit_subjects WHERE subject = ${MARA}`
        expect(yield* rotated({ kind: "subject", subject: MARA })).toMatchObject({ total: 1, done: 1, failed: 0 })
        const after = yield* sql<{ secret: Uint8Array }>`SELECT secret FROM core_audit_subjects WHERE subject = ${MARA}`
        expect(Buffer.from(after[0]!.secret)).not.toEqual(Buffer.from(before[0]!.secret))
        // The organisation's key seals nobody's secret: it wraps the keys of both, in two versions for one of them.
        expect(yield* rotated({ kind: "organisation" })).toMatchObject({ total: 3, done: 3, failed: 0 })
        for (const [subject, text] of [
          [MARA, CANARY],
          [NOOR, KEPT]
        ] as const) {
          expect(yield* slots.open({ ...request, entry: first!, subject })).toBe(text)
        }
        const { columns, isSound } = yield* rotation.verify({ organisation, actor, isTrial: true, isComplete: true })
        const secrets = columns.find(({ table }) => table === "core_audit_subjects")
        expect([isSound, secrets]).toMatchObject([true, { values: 2, opened: 2, altered: 0, keyUnknown: 0 }])
      }).pipe(Effect.provide(layersAt(folder, location)))
    })
  )

  it.live("of a shredded subject never open again, the others do, and the log still verifies", () =>
    Effect.gen(function* () {
      const { folder, location } = yield* place
      yield* Effect.gen(function* () {
        const slots = yield* AuditSlots
        const [first, second] = yield* recordThree
        yield* (yield* Shredding).shred({ organisation, subject: MARA, actor })
        for (const entry of [first!, second!]) {
          const failed = yield* Effect.flip(slots.open({ ...request, entry, subject: MARA }))
          expect(failed).toMatchObject({ _tag: "CipherFailed", reason: "key-destroyed" })
          expect(yield* slots.open({ ...request, entry, subject: NOOR })).toBe(KEPT)
        }
        expect((yield* verifyLog({ verifierKey: key.verifier.text })).problems).toEqual([])
      }).pipe(Effect.provide(layersAt(folder, location)))
    })
  )

  it.live("of one subject have nothing in common: no name, no ciphertext, no piece of one, no id of a key", () =>
    Effect.gen(function* () {
      const { folder, location } = yield* place
      yield* Effect.gen(function* () {
        const { sql } = yield* Database
        yield* recordThree
        const slots = (yield* slotsOf).flatMap((sealed) => Object.entries(sealed))
        expect(slots).toHaveLength(5)
        expect(new Set(slots.map(([name]) => name)).size).toBe(5)
        expect(new Set(slots.map(([, sealed]) => sealed.length)).size).toBe(1)
        const pieces = slots.flatMap(([name, sealed]) => {
          const bytes = `${name.slice(1)}${Buffer.from(sealed, "base64").toString("hex")}`
          return Array.from({ length: bytes.length - 15 }, (_, i) => bytes.slice(i, i + 16))
        })
        expect(new Set(pieces).size).toBe(pieces.length)
        const rows = yield* sql<{
          leaf: Uint8Array
        }>`SELECT leaf FROM core_audit_entries UNION ALL SELECT leaf FROM core_audit_pending`
        for (const { leaf } of rows) {
          for (const canary of [CANARY, KEPT, MARA, NOOR, Buffer.from(CANARY).toString("base64")]) {
            expect(Buffer.from(leaf).includes(canary)).toBe(false)
          }
        }
      }).pipe(Effect.provide(layersAt(folder, location)))
      // What stands in the files beside the database too: journal, root key, write-ahead log.
      const folders = "sqlite" in location ? [folder, join(location.sqlite, "..")] : [folder]
      for (const file of folders.flatMap((each) => readdirSync(each).map((name) => join(each, name)))) {
        expect(readFileSync(file).includes(CANARY)).toBe(false)
      }
    })
  )
})
