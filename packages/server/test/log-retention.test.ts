// How long a server keeps the entries of its log: the job, holds, and what still verifies afterwards.
import { existsSync } from "node:fs"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { AuditLog, SystemActor } from "@fluxcybers/core"
import { verifyBundle } from "@fluxcybers/core/verifier"
import { Clock, Effect, Redacted, Schedule } from "effect"
import { describe, expect, it as vitest } from "vitest"
import { serverDatabases, type TestDatabase } from "../../../repo/testing/databases.ts"
import { exportBundle } from "../src/cli/audit-bundle.ts"
import { openDataDirectory } from "../src/data/data-directory.ts"
import { firstOrganisation } from "../src/data/organisations.ts"
import { servicesLayer } from "../src/layers.ts"
import { serveFolder } from "./cli-process.ts"
import { claimedServer, problemIn, temporaryFolder, testSettings, verifiedLog } from "./test-server.ts"

const DAY_MS = 86_400_000
const actor = new SystemActor({ component: "test" })

/** A log whose first 300 entries are a hundred days old; one of them is about `held`. */
const aged = Effect.fnUntraced(function* (database: TestDatabase) {
  const settings = yield* testSettings(database)
  const nowMs = yield* Clock.currentTimeMillis
  const clock = yield* Clock.Clock
  const then: Clock.Clock = Object.assign(Object.create(clock), {
    currentTimeMillisUnsafe: () => nowMs - 100 * DAY_MS,
    currentTimeMillis: Effect.succeed(nowMs - 100 * DAY_MS)
  })
  const filled = Effect.gen(function* () {
    const organisation = yield* firstOrganisation()
    const log = yield* AuditLog
    const event = { organisation, actor, action: "thing.changed", outcome: "success" } as const
    const ids = yield* Effect.forEach(
      Array.from({ length: 300 }, (_, at) => (at === 9 ? "held" : `thing-${at}`)),
      (object) => log.record({ ...event, object }),
      { concurrency: "unbounded" }
    )
    yield* log.awaitCheckpoint(ids.at(-1)!)
  })
  yield* Effect.gen(function* () {
    const directory = yield* openDataDirectory(settings.directory)
    yield* Effect.provide(filled, servicesLayer(settings, directory))
  }).pipe(Effect.provideService(Clock.Clock, then), Effect.scoped)
  return settings
})

describe.each(serverDatabases.slice(0, 2))("the log of a server on $name", (database) => {
  it.live("loses what is past its period by itself, says so first, and still verifies, online and from a bundle", () =>
    Effect.gen(function* () {
      const { server, owner } = yield* claimedServer(yield* aged(database))
      const purged = yield* owner.client.audit
        .list({ query: { action: "audit-log.purged" } })
        .pipe(
          Effect.repeat({ until: ({ items }) => items.length === 2, schedule: Schedule.spaced("50 millis") }),
          Effect.timeout("20 seconds")
        )
      expect(purged.items.map(({ entry }) => [entry.outcome, entry.actor, entry.facts["entries"]])).toEqual([
        ["success", "system/retention", 256],
        ["intent", "system/retention", undefined]
      ])
      expect(yield* verifiedLog(owner.client)).toMatchObject({ problems: [], purged: 256 })
      const directory = join(yield* temporaryFolder, "bundle")
      const connection = { url: server.url, token: Redacted.make(owner.token) } as Parameters<typeof exportBundle>[0]
      yield* exportBundle(connection, directory)
      const { verifierKey: key } = yield* owner.client.audit.checkpoint()
      const report = yield* Effect.promise(() => verifyBundle({ directory, key, witnesses: [], seen: [] }))
      expect(report.problems).toEqual([])
      expect(report.size).toBeGreaterThan(300)
      expect(existsSync(join(directory, "tile/entries/000"))).toBe(false)
      expect(yield* owner.client.retention.status()).toMatchObject({ days: 90, due: { entries: 0 } })
    })
  )

  it.live("has holds that are placed, listed and released, each in the log; within its period nothing goes", () =>
    Effect.gen(function* () {
      const { server, owner } = yield* claimedServer({ ...(yield* aged(database)), auditDays: 200 })
      expect(server.log.join("\n")).toContain("Entries of the audit log are kept for 200 days, longer than the 90")
      const { retention } = owner.client
      expect(yield* retention.status()).toMatchObject({ days: 200, due: { entries: 0, held: 0 } })
      const { id } = yield* retention.hold({ payload: { object: "held", ground: "claim-1" } })
      expect(yield* retention.holds()).toMatchObject([{ id, object: "held", ground: "claim-1" }])
      expect(yield* retention.purge({ payload: { dryRun: true } })).toMatchObject({ entries: 0 })
      yield* retention.release({ params: { id } })
      expect(yield* problemIn(retention.release({ params: { id } }))).toMatchObject({
        status: 404,
        code: "audit-hold-unknown"
      })
      expect(yield* retention.holds()).toEqual([])
      const listed = yield* owner.client.audit.list({ query: { object: id } })
      expect(listed.items.map(({ entry }) => entry.action)).toEqual(["audit-hold.released", "audit-hold.placed"])
    })
  )
})

describe("the command line", () => {
  vitest("places, lists and releases holds, and purges what is past its period", { timeout: 180_000 }, async () => {
    const served = await serveFolder()
    const ada = served.newcomer()
    await ada.ok(["login", "--link", served.ownerLink, "--name", "Ada"])
    const { id } = await ada.json(["audit", "hold", "add", "tax-law", "--until", "2999-01-01"])
    expect(await ada.ok(["audit", "hold", "list"])).toMatch(/tax-law +everything/)
    expect(await ada.ok(["audit", "hold", "release", id])).toContain(id)
    expect(await ada.run(["audit", "hold", "release", id])).toMatchObject({ code: 4 })
    expect(await ada.ok(["audit", "purge", "--dry-run"])).toMatch(/Would go +0 entries/)
    expect(await ada.json(["audit", "purge"])).toMatchObject({ days: 90, entries: 0 })
    expect(await ada.ok(["transcript", "purge", "--dry-run"])).toMatch(/Would go +0 transcripts/)
    await served.stop()
  })
})
