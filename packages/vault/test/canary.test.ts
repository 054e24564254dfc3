import { dirname } from "node:path"
import { it } from "@effect/vitest"
import { AuditLog, Database, SubjectCipher } from "@fluxcybers/core"
import { Effect, Layer, Logger } from "effect"
import { describe, expect } from "vitest"
import { databases, type Location } from "../../../repo/testing/databases.ts"
import { SECRET_BYTES_MAX, Secrets } from "../src/index.ts"
import { filesUnder, findIn, formsOf, shown } from "./canary.ts"
import { ACME, ALICE, bytes, databaseAt, OTHER, vaultOn } from "./vault-testing.ts"

const FIRST = "canary-ü/+?first-5d0c7a9e41"
const SECOND = "canary-ü/+?second-83be1f6a27"
const FIELD = "canary-ü/+?field-c94d2e70b8"
const VALUES = [FIRST, SECOND, FIELD]

const named = { organisation: ACME, actor: ALICE, name: "canary" } as const
const place = { organisation: ACME, table: "members", column: "name", row: "1" }

/** Does everything that handles a value, rightly and wrongly, and returns all that came out of it. */
const handleValues = Effect.gen(function* () {
  const secrets = yield* Secrets
  const cipher = yield* SubjectCipher
  const first = { ...named, value: bytes(FIRST) }
  const reveal = { ...named, purpose: "a test" }
  const sealed = yield* cipher.seal({ ...place, subject: "person_x" }, Buffer.from(FIELD))
  const attempts: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
    secrets.put(first),
    secrets.put(first),
    secrets.rotate({ ...named, value: bytes(SECOND) }),
    secrets.put({ ...named, name: FIRST, value: bytes(FIRST) }),
    secrets.put({ ...named, name: "large", value: bytes(FIRST.repeat(SECRET_BYTES_MAX)) }),
    secrets.put({ ...named, name: "late", value: bytes(FIRST), expiresAt: FIRST }),
    secrets.reveal(reveal),
    secrets.reveal({ ...reveal, version: 1 }),
    secrets.reveal({ ...reveal, version: 9 }),
    secrets.reveal({ ...reveal, name: SECOND }),
    secrets.reveal({ ...reveal, organisation: OTHER }),
    secrets.current(named),
    secrets.list(ACME),
    cipher.open(place, sealed),
    cipher.open({ ...place, subject: "person_y" }, sealed)
  ]
  const exits = yield* Effect.forEach(attempts, Effect.exit)
  expect(exits.map((exit) => exit._tag[0]).join("")).toBe("SFSFFFSSFFFSSFF")
  return [...exits, yield* (yield* AuditLog).list({ organisation: ACME })]
})

/** The files in which the database keeps everything. */
const storage = (location: Location) =>
  Effect.gen(function* () {
    if ("sqlite" in location) return dirname(location.sqlite)
    const { sql } = yield* Database
    yield* sql`CHECKPOINT`
    const [row] = yield* sql<{ data_directory: string }>`SHOW data_directory`
    return row!.data_directory
  })

describe.each(databases)("a planted value on $name", ({ fresh }) => {
  it.effect("is found nowhere: database files, write-ahead log, results, errors, logs", () =>
    Effect.gen(function* () {
      const location = yield* fresh
      const lines: Array<unknown> = []
      const logger = Logger.layer([Logger.make(({ message, cause }) => lines.push(message, cause))])
      const { files, results } = yield* Effect.gen(function* () {
        const results = yield* handleValues
        return { results, files: filesUnder(yield* storage(location)) }
      }).pipe(Effect.provide(vaultOn(databaseAt(location)).pipe(Layer.provideMerge(logger))))
      const haystacks = { ...files, results: shown(results), logs: shown(lines) }
      for (const [i, result] of results.entries()) Object.assign(haystacks, { [`result ${i}`]: shown(result) })
      expect(Object.keys(files).length).toBeGreaterThan(1)
      expect(findIn(haystacks, VALUES)).toEqual([])
    })
  )
})

describe("the search itself", () => {
  it("finds a value in each of its forms, within other data too", () => {
    const raw = Buffer.from(FIRST)
    const leaks = {
      raw,
      hex: Buffer.from(`x${raw.toString("hex")}x`),
      json: Buffer.from(JSON.stringify({ a: FIRST })),
      url: Buffer.from(new URL(`https://x/?q=${encodeURIComponent(FIRST)}`).href),
      base64: Buffer.from(Buffer.from(`{"v":"${FIRST}"}`).toString("base64")),
      base64url: Buffer.from(Buffer.from(`ab${FIRST}cd`).toString("base64url"))
    }
    for (const [name, bytes] of Object.entries(leaks)) expect(findIn({ [name]: bytes }, [FIRST])).not.toEqual([])
    expect(formsOf(FIRST).length).toBeGreaterThan(6)
  })
})
