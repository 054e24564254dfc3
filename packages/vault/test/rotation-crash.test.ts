import { execFile } from "node:child_process"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { AuditLog } from "@fluxcybers/core"
import { Effect, Schedule } from "effect"
import { describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { KeyRotation, rootKeysLayer } from "../src/index.ts"
import { everyNoteIsFound, everythingOpens, fill, indexNotes, LOG_KEY, vaultAt } from "./rotation-testing.ts"
import { acting, keyFile } from "./rotation-vault.ts"
import { ACME, temporaryFolder } from "./vault-testing.ts"

const ROTATOR = join(import.meta.dirname, "rotator.ts")
const POINTS_MAX = 40
/** How often a rotation can die at least. */
const POINTS_MIN = { organisation: 12, root: 6, index: 8 }

const rotateAndDie = (input: object): Promise<string> =>
  new Promise((resolve) => {
    const options = ["--conditions=@fluxcybers/source", ROTATOR, JSON.stringify(input)]
    execFile(process.execPath, options, (error, stdout, stderr) =>
      resolve(error === null ? stdout : (error.signal ?? stderr))
    )
  })

/** The next start goes on by itself: every rotation that was begun is completed, once, and everything opens. */
const expectFinished = Effect.gen(function* () {
  const [rotation, log] = [yield* KeyRotation, yield* AuditLog]
  const rest = Effect.map(rotation.status(ACME), ({ rotations }) =>
    rotations.filter(({ state }) => state === "running")
  )
  const idle = Effect.repeat(rest, { until: ({ length }) => length === 0, schedule: Schedule.spaced("50 millis") })
  yield* Effect.timeout(idle, "60 seconds")
  const status = yield* rotation.status(ACME)
  for (const versions of [status.versions, status.indexVersions]) {
    expect(versions.filter(({ state }) => state === "current").length).toBe(1)
    expect(versions.filter(({ state, uses }) => state === "retired" && uses > 0)).toEqual([])
  }
  for (const { id, failed } of status.rotations) {
    expect(failed).toBe(0)
    const outcomes = (yield* log.list({ organisation: ACME, object: id })).map(({ entry }) => entry.outcome)
    expect(outcomes).toEqual(["success", "intent"])
  }
  yield* everythingOpens
  yield* everyNoteIsFound
  expect((yield* rotation.verify({ ...acting, isTrial: true })).isSound).toBe(true)
  return status
})

/** Every point on SQLite; on PostgreSQL, where a round takes longer, every third. An index key takes the same steps as an organisation's. */
const stepOn = (name: string, kind: keyof typeof POINTS_MIN): number =>
  (name === "SQLite" ? 1 : 3) * (kind === "index" ? 2 : 1)

describe.each(databases.slice(0, 2))("a rotation on $name", ({ name, fresh }) => {
  it.live.each(["organisation", "root", "index"] as const)(
    "of the key of the %s, killed at any point, is finished by the next start, or was never begun",
    (kind) =>
      Effect.gen(function* () {
        const [folder, location] = [yield* temporaryFolder, yield* fresh]
        const filled = Effect.andThen(fill, indexNotes)
        yield* Effect.provide(filled, vaultAt(folder, location, keyFile(folder, "0.key")), { local: true })
        const step = stepOn(name, kind)
        for (let point = 1; point <= POINTS_MAX; point += step) {
          // The root key is another one each time; of an organisation's rotation it stays.
          const keys = kind === "root" ? [`${point}.key`, `${Math.max(0, point - step)}.key`] : ["0.key", "0.key"]
          const ending = yield* Effect.promise(() =>
            rotateAndDie({ location, folder, logKey: LOG_KEY, kind, keys, point })
          )
          expect(["SIGKILL", "whole"]).toContain(ending)
          const rootKey = rootKeysLayer({ current: keyFile(folder, keys[0]!), previous: keyFile(folder, keys[1]!) })
          yield* Effect.provide(finished(kind), vaultAt(folder, location, rootKey), { local: true })
          if (ending === "whole") return expect(point).toBeGreaterThan(POINTS_MIN[kind])
        }
        throw new Error("the rotator never finished")
      }),
    300_000
  )
})

/** A rotation of the root key that was never begun is begun here: the next round has yet another key. */
const finished = (kind: keyof typeof POINTS_MIN) =>
  Effect.gen(function* () {
    const { wrappedBy, rootKey } = yield* expectFinished
    const isOld = wrappedBy.some((each) => each.rootKey !== rootKey.id && each.keys > 0)
    if (kind !== "root" || !isOld) return
    yield* (yield* KeyRotation).begin({ ...acting, scope: { kind } })
    yield* expectFinished
  })
