// Two servers on one PostgreSQL: what one accepts, the other one knows.
import { copyFileSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { describe, expect } from "vitest"
import { serverDatabases } from "../../../repo/testing/databases.ts"
import { startServer } from "../src/start.ts"
import { claim, clientOf, runServer, temporaryFolder, testSettings } from "./test-server.ts"

describe.each(serverDatabases.slice(1))("two servers on one $name", (database) => {
  it.live("share everything, and each command runs once", () =>
    Effect.gen(function* () {
      const settings = yield* testSettings(database)
      const first = yield* runServer(settings)
      const owner = yield* claim(first)
      const directory = join(yield* temporaryFolder, "second")
      mkdirSync(directory, { mode: 0o700 })
      for (const name of ["root.key", "log.key"]) copyFileSync(join(settings.directory, name), join(directory, name))
      const second = yield* runServer({ ...settings, directory })
      const there = yield* clientOf(second.url, owner.token)
      expect((yield* there.session.whoami()).name).toBe("Ada Lovelace")

      const ids = yield* Effect.forEach([1, 2, 3, 4, 5, 6], (i) =>
        Effect.gen(function* () {
          const input = { script: `echo run ${i} >> "${directory}/ran"; echo told ${i}` }
          const payload = { executor: "local", input, targets: [] }
          const { id, digest } = yield* owner.client.executions.propose({ payload, headers: {} })
          yield* there.executions.approve({ params: { id }, payload: { digest } })
          return id
        })
      )
      for (const [i, id] of ids.entries()) {
        const reader = i % 2 === 0 ? owner.client : there
        const events = yield* Stream.runCollect(yield* reader.executions.events({ params: { id }, query: {} }))
        expect(events.at(-1)).toEqual({ _tag: "State", state: "succeeded" })
      }
      const input = { script: `sort "${directory}/ran"` }
      const payload = { executor: "local", input, targets: [] }
      const { id, digest } = yield* there.executions.propose({ payload, headers: {} })
      yield* owner.client.executions.approve({ params: { id }, payload: { digest } })
      const events = yield* Stream.runCollect(yield* there.executions.events({ params: { id }, query: {} }))
      const output = events.map((event) =>
        event._tag === "Output" ? Buffer.from(event.bytes, "base64").toString() : ""
      )
      expect(output.join("")).toBe([1, 2, 3, 4, 5, 6].map((i) => `run ${i}\n`).join(""))
      expect((yield* there.audit.verify()).problems).toEqual([])
    })
  )

  it.live("need the same keys: a directory with none of them is refused and stays without", () =>
    Effect.gen(function* () {
      const settings = yield* testSettings(database)
      yield* runServer(settings)
      const directory = join(yield* temporaryFolder, "second")
      const error = yield* Effect.flip(Effect.scoped(startServer({ ...settings, directory })))
      expect(error.message).toContain("log.key does not exist. Restore it from your backup")
    })
  )
})
