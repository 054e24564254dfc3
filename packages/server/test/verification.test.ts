// Verifications that say how far they are.
import { it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { describe, expect } from "vitest"
import { serverDatabases } from "../../../repo/testing/databases.ts"
import { base64, type Client, ownedServer } from "./test-server.ts"

const SECRETS = 3

const outcomes = (client: Client, action: string) =>
  Effect.map(client.audit.list({ query: { action } }), ({ items }) => items.map(({ entry }) => entry.outcome))

describe.each(serverDatabases)("a verification on $name", (database) => {
  it.live("of the log says how far it is, and what it found; of two at once each has its report", () =>
    Effect.gen(function* () {
      const { client } = (yield* ownedServer(database)).owner
      const run = Effect.flatMap(client.audit.verification(), Stream.runCollect)
      const both = yield* Effect.all([run, run], { concurrency: 2 })
      for (const messages of both) {
        const last = messages.at(-1)
        expect(last).toMatchObject({ _tag: "Report", report: { problems: [] } })
        const size = last?._tag === "Report" ? last.report.size : 0
        expect(messages.at(-2)).toEqual({ _tag: "Progress", entries: size, of: size })
      }
      expect(yield* outcomes(client, "audit-log.verified")).toEqual(
        expect.arrayContaining(["success", "success", "intent", "intent"])
      )
    })
  )

  it.live("of the keys counts the values that it opens", () =>
    Effect.gen(function* () {
      const { client } = (yield* ownedServer(database)).owner
      for (let i = 0; i < SECRETS; i++)
        yield* client.secrets.put({ payload: { name: `s${i}`, value: base64("value") } })
      const messages = yield* Effect.flatMap(client.keys.verification({ payload: { all: true } }), Stream.runCollect)
      const last = messages.at(-1)
      expect(last).toMatchObject({ _tag: "Report", report: { isSound: true } })
      const columns = last?._tag === "Report" ? last.report.columns : []
      const values = columns.reduce((sum, column) => sum + column.values, 0)
      expect(values).toBeGreaterThan(SECRETS)
      expect(messages.at(-2)).toEqual({ _tag: "Progress", values, of: values })
      expect(columns.reduce((sum, column) => sum + column.opened, 0)).toBe(values)
      expect(yield* outcomes(client, "key.verified")).toEqual(["success", "intent"])
    })
  )
})
