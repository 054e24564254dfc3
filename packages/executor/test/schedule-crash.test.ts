// A node that is killed while it fires: the claim and what it claims for are there together, or neither is.
import { execFile } from "node:child_process"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { AuditLog, Database, newId, PersonActor, PersonId } from "@fluxcybers/core"
import { Effect } from "effect"
import { describe, expect } from "vitest"
import { databases, layerAt } from "../../../repo/testing/databases.ts"
import { BoundedGrants, Gate, Runbooks, Scheduler, Schedules } from "../src/index.ts"
import { ORGANISATION as organisation, scheduleHost } from "./schedule-host.ts"

const FIRER = join(import.meta.dirname, "schedule-firer.ts")
const POINTS_MAX = 20
const TIMEOUT_MS = 120_000

const fireAndDie = (input: object): Promise<string> =>
  new Promise((resolve) => {
    const options = ["--conditions=@fluxcybers/source", FIRER, JSON.stringify(input)]
    execFile(process.execPath, options, (error, stdout, stderr) =>
      resolve(error === null ? stdout : (error.signal ?? stderr))
    )
  })

const actor = new PersonActor({ person: Effect.runSync(newId(PersonId, "person")) })

/** A schedule, and a grant for it that the owner approves alone. */
const prepared = Effect.gen(function* () {
  const document = { name: "say", executor: "echo", input: { words: ["hi"] } }
  yield* (yield* Runbooks).put({ organisation, actor, document })
  const grants = yield* BoundedGrants
  const asked = { organisation, actor, runbook: "say", repeat: true, usesMax: 1_000, expiresInMs: 3_600_000 }
  const { id, digest } = yield* grants.requestRunbook(asked)
  yield* grants.decide({ organisation, actor, id, digest, verdict: "approve" })
  const timing = { _tag: "Every", everyMs: 60_000 } as const
  return yield* (yield* Schedules).add({
    organisation,
    actor,
    name: "often",
    runbook: "say",
    timing,
    grant: id,
    overlap: "allow"
  })
})

/** Its time has come, a moment ago. */
const makeDue = Effect.gen(function* () {
  const { sql } = yield* Database
  const at = new Date(Date.now() - 1_000).toISOString()
  yield* sql`DELETE FROM executor_firings`
  yield* sql`UPDATE executor_schedules SET next_at = ${at}, added_at = ${at}`
  return at
})

describe.each(databases.slice(0, 2))("on $name, a node that is killed while it fires", ({ name, fresh }) => {
  it.live(
    "at any point between claim and proposal: the next node fires that instant once, and the log says the same",
    () =>
      Effect.gen(function* () {
        const location = yield* fresh
        const host = scheduleHost(actor.person, layerAt(location))
        const schedule = yield* Effect.provide(prepared, host, { local: true })
        for (let point = 1; point <= POINTS_MAX; point += name === "SQLite" ? 3 : 5) {
          const at = yield* Effect.provide(makeDue, layerAt(location), { local: true })
          const ending = yield* Effect.promise(() => fireAndDie({ location, owner: actor.person, point }))
          expect(["SIGKILL", "whole"]).toContain(ending)
          yield* Effect.provide(
            Effect.gen(function* () {
              yield* (yield* Scheduler).look
              const { firings } = yield* (yield* Schedules).get(organisation, schedule.id)
              const newest = yield* (yield* Gate).list({ organisation, limit: 200 })
              const proposed = yield* (yield* AuditLog).list({ organisation, action: "execution.proposed", limit: 200 })
              const ofInstant = proposed.filter(({ entry }) => entry.facts["firing"] === at)
              expect(firings).toMatchObject([{ instant: at, execution: newest[0]!.id }])
              expect(ofInstant.map(({ entry }) => entry.object)).toEqual([newest[0]!.id])
              expect(newest.length).toBe(proposed.length)
            }),
            host,
            { local: true }
          )
          if (ending === "whole") return expect(point).toBeGreaterThan(4)
        }
        throw new Error("the firer never finished")
      }),
    TIMEOUT_MS
  )
})
