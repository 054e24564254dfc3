// Messages that must leave: at least once, under one id, by any number of nodes, whenever one of them is killed.
import { execFile } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { AuditLog, Database, generateSigningKey, PersonActor } from "@fluxcybers/core"
import { Effect, Redacted, Result } from "effect"
import { TestClock } from "effect/testing"
import { describe, expect } from "vitest"
import { databases, type Location, layerAt } from "../../../repo/testing/databases.ts"
import { Outbox } from "../src/outbox/outbox.ts"
import { purgeSettled } from "../src/outbox/queue.ts"
import { DeliveryFailed, type OutgoingMessage } from "../src/outbox/sender.ts"
import { message, organisation, outboxLayer, person, sendWith } from "./outbox-world.ts"
import { temporaryFolder } from "./test-server.ts"

const LOG_KEY = Redacted.value(Result.getOrThrow(generateSigningKey("test.example/outbox")))
const KILLED = join(import.meta.dirname, "outbox-killed.ts")
const actor = new PersonActor({ person })

const put = Effect.gen(function* () {
  const outbox = yield* Outbox
  const sealed = yield* outbox.seal(message)
  yield* outbox.put(sealed)
  return sealed.id
})

/** Keeps what is handed over. */
const keeping = () => {
  const kept: Array<OutgoingMessage> = []
  const deliver = (sent: OutgoingMessage) => Effect.sync(() => void kept.push(sent))
  return { kept, deliver }
}

const failing = (failure: Partial<DeliveryFailed>) => () =>
  Effect.fail(new DeliveryFailed({ code: "503", isFinal: false, ...failure }))

const rowsOf = Effect.gen(function* () {
  const { sql } = yield* Database
  return yield* sql<{ id: string; state: string; body: Uint8Array | null; next_at: string; attempts: number }>`
    SELECT * FROM server_outbox ORDER BY id`
})

const logged = Effect.gen(function* () {
  const entries = yield* (yield* AuditLog).list({ organisation })
  return entries.map(({ entry }) => ({ action: entry.action, object: entry.object, facts: entry.facts })).reverse()
})

const killed = (location: Location, file: string, when: "before" | "after"): Promise<unknown> =>
  new Promise((resolve) => {
    const at = "sqlite" in location ? ["sqlite", location.sqlite] : ["postgres", location.postgres]
    const options = ["--conditions=@fluxcybers/source", KILLED, ...at, LOG_KEY, file, when]
    execFile(process.execPath, options, (error, _, stderr) => resolve(error?.signal ?? stderr))
  })

describe.each(databases.slice(0, 2))("the outbox on $name", (database) => {
  const layer = () => outboxLayer(database.layer(), LOG_KEY)

  it.effect("sends what was committed, once, keeps no body of it, and says so in the log", () =>
    Effect.gen(function* () {
      const { kept, deliver } = keeping()
      const { transaction } = yield* Database
      yield* Effect.exit(transaction(Effect.andThen(put, Effect.fail("rolled back"))))
      yield* sendWith(deliver)
      expect(kept).toEqual([])
      const id = yield* put
      expect(Buffer.from((yield* rowsOf)[0]!.body!).toString("latin1")).not.toContain("canary")
      yield* sendWith(deliver)
      yield* sendWith(deliver)
      expect(kept).toMatchObject([{ id, destination: "sub_1", person, body: "canary-body" }])
      expect(yield* rowsOf).toMatchObject([{ state: "sent", body: null }])
      const facts = { topic: "decision.wanted", about: "exec_1", destination: "sub_1", attempts: 1 }
      expect(yield* logged).toEqual([{ action: "message.sent", object: id, facts }])
    }).pipe(Effect.provide(layer()))
  )

  it.live("hands each message over once, however many senders there are", () =>
    Effect.gen(function* () {
      const ids = yield* Effect.forEach(Array.from({ length: 60 }), () => put)
      const { kept, deliver } = keeping()
      const slowly = (sent: OutgoingMessage) => Effect.andThen(Effect.sleep(2), deliver(sent))
      yield* Effect.all([sendWith(slowly), sendWith(slowly), sendWith(slowly)], { concurrency: "unbounded" })
      expect(kept.map(({ id }) => id).sort()).toEqual(ids.sort())
    }).pipe(Effect.provide(layer()))
  )

  it.effect("tries again after growing pauses, gives up, and lists what it gave up; that can be tried again", () =>
    Effect.gen(function* () {
      const outbox = yield* Outbox
      const id = yield* put
      const settings = { attemptsMax: 3 }
      for (const pauseMs of [10_000, 30_000]) {
        yield* sendWith(failing({}), settings)
        const now = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
        const pause = Date.parse((yield* rowsOf)[0]!.next_at) - now
        expect(pause).toBeGreaterThanOrEqual(pauseMs * 0.8)
        expect(pause).toBeLessThanOrEqual(pauseMs * 1.2)
        const { kept, deliver } = keeping()
        yield* sendWith(deliver, settings)
        expect(kept).toEqual([])
        yield* TestClock.adjust(pause)
      }
      yield* sendWith(failing({}), settings)
      expect(yield* outbox.dead(organisation)).toMatchObject([{ id, attempts: 3, failure: "503" }])
      yield* outbox.retry({ organisation, actor, id })
      expect(yield* Effect.flip(outbox.retry({ organisation, actor, id }))).toMatchObject({ _tag: "NoDeadMessage" })
      const { kept, deliver } = keeping()
      yield* sendWith(deliver, settings)
      expect(kept).toMatchObject([{ id, body: "canary-body" }])
      expect(yield* outbox.dead(organisation)).toEqual([])
      const actions = (yield* logged).map(({ action }) => action)
      expect(actions).toEqual(["message.abandoned", "message.revived", "message.sent"])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("gives up at once what cannot help, waits as long as the other side asks, and forgets what is old", () =>
    Effect.gen(function* () {
      const outbox = yield* Outbox
      yield* put
      yield* sendWith(failing({ code: "550", isFinal: true }))
      expect(yield* outbox.dead(organisation)).toMatchObject([{ attempts: 1, failure: "550" }])
      const patient = yield* put
      yield* sendWith(failing({ againInMs: 3_600_000 }))
      const now = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
      const waiting = (yield* rowsOf).find(({ id }) => id === patient)
      expect(Date.parse(waiting!.next_at) - now).toBe(3_600_000)
      yield* purgeSettled(30)
      expect(yield* rowsOf).toHaveLength(2)
      const { sql } = yield* Database
      yield* sql`UPDATE server_outbox SET settled_at = ${"1969-11-30T00:00:00.000Z"} WHERE state = 'dead'`
      yield* purgeSettled(30)
      expect(yield* rowsOf).toMatchObject([{ id: patient, state: "waiting" }])
    }).pipe(Effect.provide(layer()))
  )

  for (const when of ["before", "after"] as const) {
    it.live(
      `sends a message again under the same id when its process was killed ${when} it had sent it`,
      () =>
        Effect.gen(function* () {
          const location = yield* database.fresh
          const file = join(yield* temporaryFolder, "sent")
          expect(yield* Effect.promise(() => killed(location, file, when))).toBe("SIGKILL")
          const { kept, deliver } = keeping()
          yield* sendWith(deliver).pipe(Effect.provide(outboxLayer(layerAt(location), LOG_KEY)))
          expect(kept).toHaveLength(1)
          const written = existsSync(file) ? readFileSync(file, "utf8") : ""
          expect(written).toBe(when === "after" ? `${kept[0]!.id} canary-body\n` : "")
        }),
      60_000
    )
  }
})
