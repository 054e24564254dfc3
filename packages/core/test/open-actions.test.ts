import { spawn } from "node:child_process"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { Clock, Duration, Effect, Fiber, Layer, Redacted, Result } from "effect"
import { TestClock } from "effect/testing"
import { describe, expect, vi } from "vitest"
import { databases, type Location, layerAt } from "../../../repo/testing/databases.ts"
import {
  AuditLog,
  auditLogLayer,
  Database,
  generateSigningKey,
  newId,
  OrganisationId,
  parseSigningKey,
  SystemActor,
  verifyLog
} from "../src/index.ts"

vi.setConfig({ testTimeout: 60_000 })

const keyText = Result.getOrThrow(generateSigningKey("log.test/open"))
const key = Result.getOrThrow(parseSigningKey(keyText))
const organisation = Effect.runSync(newId(OrganisationId, "org"))
const event = {
  organisation,
  actor: new SystemActor({ component: "test" }),
  action: "thing.built",
  object: "thing",
  facts: { stones: 3 }
}
const OPENER = join(import.meta.dirname, "action-opener.ts")

/** Runs a process until it has opened its actions, and kills it. */
const killedWhileOpen = (location: Location, node: string) =>
  Effect.promise(
    () =>
      new Promise<string>((resolve) => {
        const place = Object.entries(location)[0] as [string, string]
        const args = [OPENER, ...place, Redacted.value(keyText), organisation, node]
        const child = spawn(process.execPath, ["--conditions=@fluxcybers/source", ...args], {
          stdio: ["ignore", "pipe", "inherit"]
        })
        let output = ""
        child.stdout.on("data", (chunk) => {
          output += chunk
          if (output.includes("\n")) setTimeout(() => child.kill("SIGKILL"), 300)
        })
        child.once("close", () => resolve(output.trim()))
      })
  )

const listed = Effect.gen(function* () {
  const entries = yield* (yield* AuditLog).list({ organisation, action: "thing.built" })
  return entries
    .map(({ entry }) => entry)
    .reverse()
    .map(({ object, outcome, actor, facts }) => ({ object, outcome, actor, facts }))
})

describe.each(databases)("an open action on $name", ({ fresh, layer }) => {
  const log = (node?: string) =>
    auditLogLayer({ origin: key.name, key, ...(node === undefined ? {} : { node }) }).pipe(Layer.provideMerge(layer()))
  const logAt = (location: Location, node: string) =>
    auditLogLayer({ origin: key.name, key, node }).pipe(Layer.provideMerge(layerAt(location)))

  it.live("is closed by how its effect ends: success with facts, failure with the error's tag, or interrupted", () =>
    Effect.gen(function* () {
      const audit = yield* AuditLog
      const done = yield* audit.during(event, Effect.succeed(7), (walls) => ({ walls }))
      expect(done).toBe(7)
      const refused = yield* Effect.flip(
        audit.during(event, Effect.fail({ _tag: "NoStones", secret: "canary" } as const))
      )
      expect(refused.secret).toBe("canary")
      yield* Effect.exit(audit.during(event, Effect.die("canary")))
      const fiber = yield* Effect.forkChild(audit.during(event, Effect.never))
      yield* Effect.sleep(50)
      yield* Fiber.interrupt(fiber)
      const entries = yield* listed
      expect(entries.map(({ outcome }) => outcome)).toEqual([
        "intent",
        "success",
        "intent",
        "failure",
        "intent",
        "failure",
        "intent",
        "interrupted"
      ])
      expect([1, 3, 5, 7].map((at) => ({ ...entries[at]!.facts, intent: "…" }))).toEqual([
        { stones: 3, walls: 7, intent: "…" },
        { stones: 3, error: "NoStones", intent: "…" },
        { stones: 3, error: "defect", intent: "…" },
        { stones: 3, intent: "…" }
      ])
      expect(JSON.stringify(entries)).not.toContain("canary")
      expect(yield* (yield* Database).sql`SELECT entry FROM core_audit_open`).toEqual([])
    }).pipe(Effect.provide(log()))
  )

  it.live("is closed once, and not at all by a transaction that is rolled back", () =>
    Effect.gen(function* () {
      const { transaction } = yield* Database
      const action = yield* (yield* AuditLog).begin(event)
      yield* Effect.exit(transaction(Effect.andThen(action.succeed(), Effect.fail("rolled back"))))
      yield* action.fail({ bricks: 2 })
      expect((yield* Effect.exit(action.succeed()))._tag).toBe("Failure")
      expect((yield* listed).map(({ outcome }) => outcome)).toEqual(["intent", "failure"])
    }).pipe(Effect.provide(log()))
  )

  it.live("of a process that was killed is interrupted at the next start, and what was closed is not", () =>
    Effect.gen(function* () {
      const location = yield* fresh
      const intent = yield* killedWhileOpen(location, "one")
      expect(intent).toMatch(/^audit_/)
      yield* Effect.gen(function* () {
        const entries = yield* listed
        const closed = entries.filter(({ outcome }) => outcome !== "intent")
        expect(closed.map(({ object, outcome, actor }) => [object, outcome, actor])).toEqual([
          ["done", "success", "system/one"],
          ["thing-of-one", "interrupted", "system/recovery"],
          ["thing-of-one-too", "interrupted", "system/recovery"]
        ])
        expect(closed[1]!.facts).toEqual({ stones: 3, intent })
        yield* Effect.sleep(400)
        expect((yield* verifyLog({ verifierKey: key.verifier.text })).problems).toEqual([])
      }).pipe(Effect.provide(logAt(location, "one")))
      // Once and for all.
      const again = yield* listed.pipe(Effect.provide(logAt(location, "one")))
      expect(again.filter(({ outcome }) => outcome === "interrupted")).toHaveLength(2)
    })
  )

  it.effect(
    "of another node stays open while that gives signs of life, and is interrupted after a minute without",
    () =>
      Effect.gen(function* () {
        const { sql } = yield* Database
        const row = {
          node: "other",
          boot: "boot_other",
          beat: 0,
          org: organisation,
          action: "thing.built",
          facts: "{}"
        }
        const audit = yield* AuditLog
        const [alive, gone] = yield* Effect.all([
          audit.record({ ...event, object: "alive", outcome: "intent" }),
          audit.record({ ...event, object: "gone", outcome: "intent" })
        ])
        yield* sql`INSERT INTO core_audit_open ${sql.insert({ ...row, entry: alive, object: "alive" })}`
        yield* sql`INSERT INTO core_audit_open ${sql.insert({ ...row, entry: gone, object: "gone" })}`
        const own = yield* audit.begin({ ...event, object: "own" })
        for (let tens = 0; tens < 9; tens++) {
          yield* sql`UPDATE core_audit_open SET beat = beat + 1 WHERE entry = ${alive}`
          yield* TestClock.adjust(Duration.seconds(10))
          // The statements of the watch take real time.
          yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 40)))
        }
        expect((yield* listed).filter(({ outcome }) => outcome === "interrupted").map(({ object }) => object)).toEqual([
          "gone"
        ])
        const [beat] = yield* sql<{ beat: unknown }>`SELECT beat FROM core_audit_open WHERE entry = ${own.intent}`
        expect(Number(beat?.beat)).toBeGreaterThan(5)
        expect(yield* Clock.currentTimeMillis).toBe(90_000)
      }).pipe(Effect.provide(log("this")))
  )

  it.live("that was taken for dead and ends all the same has both ends in the log, and the second one says so", () =>
    Effect.gen(function* () {
      const action = yield* (yield* AuditLog).begin(event)
      yield* (yield* Database).sql`DELETE FROM core_audit_open`
      yield* action.succeed()
      expect((yield* listed).at(-1)).toMatchObject({ outcome: "success", facts: { late: true, intent: action.intent } })
    }).pipe(Effect.provide(log()))
  )
})
