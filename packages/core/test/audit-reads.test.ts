import { it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Layer, Result, Stream } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { verifyConsistency } from "../src/audit/tree-proof.ts"
import {
  type AuditEntryId,
  type AuditEvent,
  AuditLog,
  auditLogLayer,
  CheckpointTimeout,
  Database,
  ephemeralSigningKey,
  newId,
  OrganisationId,
  SystemActor,
  verifyProof
} from "../src/index.ts"

const key = ephemeralSigningKey("log.test/reads")
const organisation = Effect.runSync(newId(OrganisationId, "org"))
const event = (object: string, more?: Partial<AuditEvent>): AuditEvent => ({
  organisation,
  actor: new SystemActor({ component: "test" }),
  action: "thing.changed",
  object,
  outcome: "success",
  ...more
})

const root = (checkpoint: string) => new Uint8Array(Buffer.from(checkpoint.split("\n")[2] ?? "", "base64"))
const defect = (exit: Exit.Exit<unknown, unknown>) => (Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined)

/** Records one after the other, each under a checkpoint of its own. */
const recordAll = Effect.fnUntraced(function* (events: ReadonlyArray<AuditEvent>) {
  const audit = yield* AuditLog
  const ids: Array<AuditEntryId> = []
  for (const each of events) {
    ids.push(yield* audit.record(each))
    yield* audit.awaitCheckpoint(ids[ids.length - 1]!)
  }
  return ids
})

describe.each(databases)("$name", ({ layer }) => {
  const open = () => auditLogLayer({ origin: key.name, key }).pipe(Layer.provideMerge(layer()))

  it.effect("lists go back page by page, and by object and action, within one organisation", () =>
    Effect.gen(function* () {
      const audit = yield* AuditLog
      const other = yield* newId(OrganisationId, "org")
      const ids = yield* recordAll([
        event("a"),
        event("b", { action: "thing.made" }),
        event("a", { organisation: other }),
        event("a", { action: "thing.made" }),
        event("c")
      ])
      const listed = (filter: Partial<Parameters<typeof audit.list>[0]>) =>
        Effect.map(audit.list({ organisation, ...filter }), (entries) =>
          entries.map(({ entry }) => ids.indexOf(entry.id))
        )
      expect(yield* listed({})).toEqual([4, 3, 1, 0])
      expect(yield* listed({ limit: 2 })).toEqual([4, 3])
      expect(yield* listed({ limit: 2, before: ids[3]! })).toEqual([1, 0])
      expect(yield* listed({ object: "a" })).toEqual([3, 0])
      expect(yield* listed({ action: "thing.made" })).toEqual([3, 1])
      expect(yield* listed({ action: ["thing.made", "thing.never"] })).toEqual([3, 1])
      expect(yield* listed({ action: ["thing.made", "thing.changed"] })).toEqual([4, 3, 1, 0])
      expect(yield* listed({ action: "thing.made", object: "a", before: ids[3]! })).toEqual([])
      expect(yield* listed({ organisation: other })).toEqual([2])
    }).pipe(Effect.provide(open()))
  )

  it.effect("every entry has a proof under the newest checkpoint, and no other entry's bytes fit it", () =>
    Effect.gen(function* () {
      const audit = yield* AuditLog
      const { transaction } = yield* Database
      const ids = yield* transaction(
        Effect.forEach(
          Array.from({ length: 300 }, (_, i) => event(`o${i}`)),
          audit.record
        )
      )
      yield* audit.awaitCheckpoint(ids[299]!)
      const leaves = yield* Stream.runCollect(audit.entries)
      expect(leaves.map(({ index }) => index)).toEqual(ids.map((_, index) => index))
      for (const index of [0, 1, 255, 256, 299]) {
        const proof = yield* audit.prove(ids[index]!)
        const check = (leaf: Uint8Array) => verifyProof({ proof, leaf, log: key.verifier })
        expect(Result.getOrThrow(check(leaves[index]!.leaf))).toMatchObject({ index: BigInt(index) })
        expect(Result.isFailure(check(leaves[(index + 1) % 300]!.leaf))).toBe(true)
      }
    }).pipe(Effect.provide(open()))
  )

  it.effect("an entry that waits for its commit has no proof", () =>
    Effect.gen(function* () {
      const audit = yield* AuditLog
      const { transaction } = yield* Database
      const within = Effect.flatMap(audit.record(event("a")), audit.prove)
      expect(yield* Effect.flip(transaction(within))).toMatchObject({ _tag: "AuditEntryNotFound" })
    }).pipe(Effect.provide(open()))
  )

  it.effect("each checkpoint is consistent with every one before it, and sizes that are none are refused", () =>
    Effect.gen(function* () {
      const audit = yield* AuditLog
      const checkpoints = [yield* audit.checkpoint]
      for (const object of ["a", "b", "c", "d", "e"]) {
        yield* recordAll([event(object)])
        checkpoints.push(yield* audit.checkpoint)
      }
      for (const [first, second] of [
        [1, 5],
        [2, 5],
        [3, 4],
        [4, 4]
      ] as const) {
        const proof = yield* audit.proveConsistency({ first, second })
        const [firstRoot, secondRoot] = [root(checkpoints[first]!), root(checkpoints[second]!)]
        const claim = { first: BigInt(first), second: BigInt(second), firstRoot, secondRoot, proof }
        expect(verifyConsistency(claim)).toBe(true)
      }
      for (const sizes of [
        { first: 0, second: 3 },
        { first: 4, second: 3 },
        { first: 1, second: 6 },
        { first: 0.5, second: 1 }
      ]) {
        expect(yield* Effect.flip(audit.proveConsistency(sizes))).toMatchObject({ _tag: "NoSuchTree", size: 5 })
      }
    }).pipe(Effect.provide(open()))
  )

  it.effect("many fibers that record at once share commits, and every entry is there once", () =>
    Effect.gen(function* () {
      const audit = yield* AuditLog
      const ids = yield* Effect.forEach(
        Array.from({ length: 500 }, (_, i) => event(`o${i}`)),
        audit.record,
        {
          concurrency: "unbounded"
        }
      )
      yield* Effect.forEach(ids, audit.awaitCheckpoint, { concurrency: "unbounded", discard: true })
      const listed = yield* audit.list({ organisation, limit: 1_000 })
      expect(listed.map(({ entry }) => entry.id)).toEqual([...ids].sort().reverse())
      expect((yield* audit.verify).problems).toEqual([])
    }).pipe(Effect.provide(open()))
  )

  it.effect("an entry that is too long, or that is none, takes the change back with it", () =>
    Effect.gen(function* () {
      const audit = yield* AuditLog
      const { transaction } = yield* Database
      const bad = [event("a", { sealed: { subject: "A".repeat(65_500) } }), event("a", { action: "Not An Action" })]
      const exits = yield* Effect.forEach(bad, (each) => {
        const both = Effect.andThen(audit.record(event("kept with it")), audit.record(each))
        return Effect.exit(transaction(both))
      })
      expect(exits.map((exit) => defect(exit))).toMatchObject([{ _tag: "EntryTooLarge" }, {}])
      expect(String(defect(exits[1]!))).not.toContain("kept")
      expect(yield* audit.list({ organisation })).toEqual([])
    }).pipe(Effect.provide(open()))
  )

  it.effect("waiting for a checkpoint inside a transaction is refused at once", () =>
    Effect.gen(function* () {
      const audit = yield* AuditLog
      const { transaction } = yield* Database
      const exit = yield* Effect.exit(transaction(Effect.flatMap(audit.record(event("a")), audit.awaitCheckpoint)))
      expect(String(defect(exit))).toContain("commit first")
    }).pipe(Effect.provide(open()))
  )

  it.live("a sequencer that failed goes on by itself, and nothing is lost", () =>
    Effect.gen(function* () {
      const audit = yield* AuditLog
      const { sql } = yield* Database
      yield* sql`ALTER TABLE core_audit_tiles RENAME TO away`
      const id = yield* audit.record(event("a"))
      const waiting = yield* Effect.forkChild(audit.awaitCheckpoint(id))
      yield* Effect.sleep(100)
      expect((yield* audit.list({ organisation })).map(({ index }) => index)).toEqual([undefined])
      yield* sql`ALTER TABLE away RENAME TO core_audit_tiles`
      yield* Fiber.join(waiting)
      expect((yield* audit.list({ organisation })).map(({ index }) => index)).toEqual([0])
    }).pipe(Effect.provide(open()))
  )

  it.effect("an entry that nobody committed is waited for ten seconds", () =>
    Effect.gen(function* () {
      const audit = yield* AuditLog
      const [id] = yield* recordAll([event("a")])
      const never = id!.replace(/.$/, (last) => (last === "0" ? "1" : "0")) as AuditEntryId
      const { TestClock } = yield* Effect.promise(() => import("effect/testing"))
      const waiting = yield* Effect.forkChild(Effect.flip(audit.awaitCheckpoint(never)))
      yield* TestClock.adjust("11 seconds")
      expect(yield* Fiber.join(waiting)).toEqual(new CheckpointTimeout({ id: never, waitedMs: 10_000 }))
    }).pipe(Effect.provide(open()))
  )
})
