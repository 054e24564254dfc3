// How long a server keeps what runs wrote.
import { it } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import { describe, expect } from "vitest"
import { serverDatabases } from "../../../repo/testing/databases.ts"
import type { Client } from "./test-server.ts"
import { claimedServer, clientOf, problemIn, runServer, testSettings } from "./test-server.ts"

/** The id of an execution that has ended. */
const ran = Effect.fnUntraced(function* ({ executions }: Client) {
  const payload = { executor: "local", input: { argv: ["echo", "hello"] }, targets: [] }
  const { id, digest } = yield* executions.propose({ payload, headers: {} })
  yield* executions.approve({ params: { id }, payload: { digest } })
  yield* executions
    .show({ params: { id } })
    .pipe(Effect.repeat({ until: ({ state }) => state === "succeeded", schedule: Schedule.spaced("25 millis") }))
  return id
})

describe.each(serverDatabases.slice(0, 2))("transcripts of a server on $name", (database) => {
  it.live("go by themselves when their period is over, and whoever reads one is told so", () =>
    Effect.gen(function* () {
      const settings = yield* testSettings(database)
      const { id, token } = yield* Effect.scoped(
        Effect.gen(function* () {
          const { owner } = yield* claimedServer(settings)
          const { transcripts, executions } = owner.client
          const id = yield* ran(owner.client)
          expect(yield* transcripts.retention()).toMatchObject({ days: 90, due: { executions: 0, held: 0 } })
          expect(yield* transcripts.purge({ payload: {} })).toMatchObject({ executions: 0 })
          expect(yield* executions.transcript({ params: { id }, query: {} })).toContain("hello")
          expect(yield* transcripts.search({ payload: { text: "ell" } })).toMatchObject({
            executions: 1,
            matches: [{ execution: id, before: "h", match: "ell", after: "o", line: 1 }]
          })
          return { id, token: owner.token }
        })
      )
      const server = yield* runServer({ ...settings, transcriptDays: 0 })
      const { audit, executions, transcripts } = yield* clientOf(server.url, token)
      const purged = yield* audit
        .list({ query: { action: "transcripts.swept", outcome: "success" } })
        .pipe(Effect.repeat({ until: ({ items }) => items.length === 1, schedule: Schedule.spaced("25 millis") }))
      expect(purged.items[0]?.entry).toMatchObject({
        action: "transcripts.swept",
        actor: "system/retention",
        facts: { executions: 1, held: 0, chunks: 1 }
      })
      const gone = { status: 410, code: "transcript-purged" }
      expect(yield* problemIn(executions.transcript({ params: { id }, query: {} }))).toMatchObject(gone)
      expect(yield* problemIn(executions.events({ params: { id }, query: {} }))).toMatchObject(gone)
      expect(yield* transcripts.search({ payload: { text: "hello" } })).toMatchObject({ executions: 0, matches: [] })
      expect(yield* executions.show({ params: { id } })).toMatchObject({ state: "succeeded" })
      expect(yield* transcripts.purge({ payload: { dryRun: true } })).toMatchObject({ executions: 0, held: 0 })
    })
  )
})
