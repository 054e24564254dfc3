// What leaves the log: lists with filters, and exports as JSON lines and as OCSF events.
import { it } from "@effect/vitest"
import { Effect } from "effect"
import { describe, expect } from "vitest"
import { serverDatabases } from "../../../repo/testing/databases.ts"
import type { ocsfEvent } from "../src/http/ocsf.ts"
import { strangerOn } from "./stranger.ts"
import { claimedServer, testSettings, verifiedLog } from "./test-server.ts"

interface Line {
  readonly index: number
  readonly entry: { readonly id: string; readonly action: string; readonly org: string }
}

const parsed = (text: string): ReadonlyArray<unknown> =>
  text
    .split("\n")
    .slice(0, -1)
    .map((line): unknown => JSON.parse(line))

describe.each(serverDatabases)("on $name", (database) => {
  const filled = Effect.gen(function* () {
    const settings = yield* testSettings(database)
    const stranger = yield* strangerOn(settings)
    const { server, owner } = yield* claimedServer(settings)
    const put = (index: number) => owner.client.secrets.put({ payload: { name: `key-${index}`, value: "eA==" } })
    yield* Effect.forEach(
      Array.from({ length: 20 }, (_, i) => i),
      put,
      { concurrency: 10, discard: true }
    )
    yield* verifiedLog(owner.client)
    const lines = Effect.fnUntraced(function* (query: string, token = owner.token) {
      const response = yield* server.request(`/api/v1/audit/export${query}`, { token })
      expect(response.headers.get("content-type")).toContain("application/jsonl")
      return parsed(yield* Effect.promise(() => response.text()))
    })
    return { stranger, owner, lines }
  })

  it.live("an export has every entry once, in order, and goes on where another one ended", () =>
    Effect.gen(function* () {
      const { owner, lines } = yield* filled
      const all = (yield* lines("")) as ReadonlyArray<Line>
      const { items } = yield* owner.client.audit.list({ query: { limit: 1_000 } })
      // The log is in the order of commits, a list in the order of births; the export itself began and ended meanwhile.
      const others = items.filter(({ entry }) => !entry.action.startsWith("audit-log."))
      expect(
        all
          .filter(({ entry }) => !entry.action.startsWith("audit-log."))
          .map(({ entry }) => entry.id)
          .toSorted()
      ).toEqual(others.map(({ entry }) => entry.id).toReversed())
      const indices = all.map(({ index }) => index)
      expect(indices).toEqual([...new Set(indices)].toSorted((a, b) => a - b))
      const goneOn = (yield* lines(`?from=${indices[6]! + 1}`)) as ReadonlyArray<Line>
      expect(goneOn.slice(0, all.length - 7)).toEqual(all.slice(7))
      expect(yield* lines(`?from=${indices.at(-1)! + 1_000}`)).toEqual([])
      const { items: exports } = yield* owner.client.audit.list({ query: { action: "audit-log.exported" } })
      expect(exports.filter(({ entry }) => entry.outcome === "success").map(({ entry }) => entry.facts)).toMatchObject([
        { entries: 0 },
        { entries: goneOn.length },
        { entries: all.length, from: 0, format: "json" }
      ])
    })
  )

  it.live("a stranger's export holds nothing of this organisation", () =>
    Effect.gen(function* () {
      const { stranger, lines } = yield* filled
      const own = (yield* lines("")) as ReadonlyArray<Line>
      const theirs = (yield* lines("", stranger.token)) as ReadonlyArray<Line>
      const ids = new Set(own.map(({ entry }) => entry.id))
      expect(theirs.filter(({ entry }) => ids.has(entry.id))).toEqual([])
      expect(theirs.length).toBeGreaterThan(0)
    })
  )

  it.live("OCSF events have what the class API Activity requires", () =>
    Effect.gen(function* () {
      const events = (yield* (yield* filled).lines("?format=ocsf")) as ReadonlyArray<ReturnType<typeof ocsfEvent>>
      expect(events.length).toBeGreaterThan(20)
      for (const event of events) {
        // schema.ocsf.io/1.3.0/classes/api_activity: required attributes, enumerations, and type_uid = class_uid * 100 + activity_id.
        expect([1, 2, 3, 4, 99]).toContain(event.activity_id)
        expect(event.activity_id === 99).toBe(event.activity_name !== undefined)
        expect(event).toMatchObject({ category_uid: 6, class_uid: 6003, type_uid: 600_300 + event.activity_id })
        expect([1, 3]).toContain(event.severity_id)
        expect([0, 1, 2, 99]).toContain(event.status_id)
        expect(Number.isSafeInteger(event.time)).toBe(true)
        expect(event.metadata).toMatchObject({ version: "1.3.0", product: { vendor_name: "FluxCybers" } })
        expect(Object.keys(event.actor).length).toBeGreaterThan(0)
        expect(event.api.operation).toMatch(/^[a-z-]+\.[a-z-]+$/)
        expect(event.src_endpoint.svc_name).toBe("fluxcybers")
      }
      expect(events.filter(({ metadata }) => metadata.event_code === "secret.put")[0]).toMatchObject({ activity_id: 1 })
    })
  )

  it.live("a list can be narrowed to actor, outcome and time, and every filter is kept", () =>
    Effect.gen(function* () {
      const { owner } = yield* filled
      const list = (query: Parameters<typeof owner.client.audit.list>[0]["query"]) =>
        Effect.map(owner.client.audit.list({ query: { limit: 1_000, ...query } }), ({ items }) => items)
      const all = yield* list({})
      const { entry: middle } = all[Math.floor(all.length / 2)]!
      const [since, until] = yield* Effect.all([list({ since: middle.time }), list({ until: middle.time })])
      expect([...since, ...until].map(({ entry }) => entry.id)).toEqual(all.map(({ entry }) => entry.id))
      expect(since.every(({ entry }) => entry.time >= middle.time)).toBe(true)
      const byActor = yield* list({ actor: owner.person })
      expect(byActor.map(({ entry }) => entry.id)).toEqual(
        all.filter(({ entry }) => entry.actor === owner.person).map(({ entry }) => entry.id)
      )
      expect(yield* list({ outcome: "denied" })).toEqual([])
      expect((yield* list({ outcome: "success" })).map(({ entry }) => entry.id)).toEqual(
        all.filter(({ entry }) => entry.outcome === "success").map(({ entry }) => entry.id)
      )
    })
  )
})
