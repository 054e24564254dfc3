// Notifications by the passing of time, and of several servers on one database.
import { copyFileSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { parseNetwork } from "../src/egress/address-policy.ts"
import { type Receiver, runReceiver } from "./receiver.ts"
import { onDatabase } from "./stored.ts"
import { claimedServer, clientOf, runServer, temporaryFolder, testSettings } from "./test-server.ts"

const echo = { executor: "local", input: { argv: ["echo", "hello"] }, targets: [] }

const typesAt = ({ received }: Receiver) => received.map(({ body }) => (JSON.parse(body) as { type: string }).type)

const untilReceived = (receiver: Receiver, count: number) =>
  Effect.sync(() => receiver.received.length).pipe(
    Effect.repeat({ until: (found) => found >= count, schedule: Schedule.spaced("25 millis") }),
    Effect.timeout("30 seconds")
  )

const settingsFor = Effect.fnUntraced(function* (database: (typeof databases)[number]) {
  const settings = yield* testSettings(database)
  return { ...settings, outgoing: { ...settings.outgoing, networks: [parseNetwork("127.0.0.0/8")!] } }
})

const hook = (url: string, events: readonly ["review.due" | "decision.wanted"]) => ({
  payload: { channel: "webhook" as const, to: url, name: "hook", events, tags: [], classes: [], organisation: true }
})

describe.each(databases.slice(0, 2))("on $name", (database) => {
  it.live("a review that is due is told of once, also by a server that starts later", () =>
    Effect.gen(function* () {
      const receiver = yield* runReceiver()
      const settings = yield* settingsFor(database)
      const id = yield* Effect.scoped(
        Effect.gen(function* () {
          const { owner } = yield* claimedServer(settings)
          yield* owner.client.members.add({ payload: { name: "Bob", roles: ["approver"] } })
          yield* owner.client.notifications.add(hook(`http://127.0.0.1:${receiver.port}/`, ["review.due"]))
          const payload = { ...echo, reason: "fire", breakGlass: true }
          return (yield* owner.client.executions.propose({ payload, headers: {} })).id
        })
      )
      expect(receiver.received).toEqual([])
      const soon = new Date(Date.now() + 3_600_000).toISOString()
      yield* onDatabase(settings, `UPDATE executor_reviews SET due_at = '${soon}'`)
      for (const _start of [1, 2]) {
        yield* Effect.scoped(Effect.andThen(runServer(settings), untilReceived(receiver, 1)))
      }
      expect(typesAt(receiver)).toEqual(["review.due"])
      expect(receiver.received[0]?.body).toContain(id)
    })
  )
})

describe.each(databases.slice(1, 2))("on $name", (database) => {
  it.live("two servers tell of each proposal once", () =>
    Effect.gen(function* () {
      const receiver = yield* runReceiver()
      const settings = yield* settingsFor(database)
      const { owner } = yield* claimedServer(settings)
      const directory = join(yield* temporaryFolder, "second")
      mkdirSync(directory, { mode: 0o700 })
      for (const name of ["root.key", "log.key"]) copyFileSync(join(settings.directory, name), join(directory, name))
      const second = yield* runServer({ ...settings, directory })
      const there = yield* clientOf(second.url, owner.token)
      yield* there.notifications.add(hook(`http://127.0.0.1:${receiver.port}/`, ["decision.wanted"]))
      const ids = yield* Effect.forEach(Array.from({ length: 20 }), (_, at) =>
        (at % 2 === 0 ? there : owner.client).executions.propose({ payload: echo, headers: {} })
      )
      yield* untilReceived(receiver, 20)
      yield* Effect.sleep(300)
      const told = receiver.received.map(({ body }) => (JSON.parse(body) as { data: { id: string } }).data.id)
      expect(told.sort()).toEqual(ids.map(({ id }) => id as string).sort())
      expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(20)
    })
  )
})
