import { execFile } from "node:child_process"
import { join } from "node:path"
import { it } from "@effect/vitest"
import {
  AuditLog,
  auditLogLayer,
  generateSigningKey,
  PersonActor,
  PersonId,
  parseSigningKey,
  SubjectCipher
} from "@fluxcybers/core"
import { Effect, Layer, Option, Redacted, Result } from "effect"
import { describe, expect } from "vitest"
import { databases, type Location } from "../../../repo/testing/databases.ts"
import { ErasureJournal, erasureJournalFileLayer, rootKeyFileLayer, Shredding, vaultLayer } from "../src/index.ts"
import { ACME, ALICE, databaseAt, temporaryFolder } from "./vault-testing.ts"

const SHREDDER = join(import.meta.dirname, "shredder.ts")
const POINTS_MAX = 30

const shredAndDie = (input: object): Promise<string> =>
  new Promise((resolve) => {
    const options = ["--conditions=@fluxcybers/source", SHREDDER, JSON.stringify(input)]
    execFile(process.execPath, options, (error, stdout, stderr) =>
      resolve(error === null ? stdout : (error.signal ?? stderr))
    )
  })

describe.each(databases.slice(0, 2))("a shredding on $name", ({ fresh }) => {
  it.live(
    "that is killed at any point is finished by the next start, exactly once, or was never begun",
    () =>
      Effect.gen(function* () {
        const [folder, location] = [yield* temporaryFolder, yield* fresh]
        for (let point = 1; point <= POINTS_MAX; point++) {
          const subject = PersonId.make(`person_${String(point).padStart(26, "0")}`)
          const sealed = yield* seal(folder, location, subject)
          const input = { location, folder, logKey: Redacted.value(LOG_KEY), organisation: ACME, subject, point }
          const ending = yield* Effect.promise(() => shredAndDie(input))
          expect(["SIGKILL", "whole"]).toContain(ending)
          yield* expectWholeOrNothing(folder, location, { subject, sealed })
          if (ending === "whole") return expect(point).toBeGreaterThan(10)
        }
        throw new Error("the shredder never finished")
      }),
    300_000
  )
})

const LOG_KEY = Result.getOrThrow(generateSigningKey("test.example/vault"))
const KEY = Result.getOrThrow(parseSigningKey(LOG_KEY))

const vaultAt = (folder: string, location: Location) =>
  vaultLayer.pipe(
    Layer.provideMerge(auditLogLayer({ origin: KEY.name, key: KEY })),
    Layer.provideMerge(rootKeyFileLayer({ path: join(folder, "root.key"), createIfMissing: true })),
    Layer.provideMerge(erasureJournalFileLayer({ path: join(folder, "erasures") })),
    Layer.provideMerge(databaseAt(location))
  )

const DONE = "thing.done"

const placeOf = (subject: string) => ({ organisation: ACME, table: "people", column: "name", row: "1", subject })

/** Something that is sealed for them, and an entry about what they did. */
const seal = (folder: string, location: Location, person: PersonId) =>
  Effect.gen(function* () {
    const actor = new PersonActor({ person })
    yield* (yield* AuditLog).record({ organisation: ACME, actor, action: DONE, object: "thing", outcome: "success" })
    return yield* (yield* SubjectCipher).seal(placeOf(person), Buffer.from("Ada"))
  }).pipe(Effect.provide(vaultAt(folder, location), { local: true }))

const expectWholeOrNothing = (
  folder: string,
  location: Location,
  { subject, sealed }: { readonly subject: string; readonly sealed: Uint8Array }
) =>
  Effect.gen(function* () {
    const [shredding, cipher, log] = [yield* Shredding, yield* SubjectCipher, yield* AuditLog]
    const receipt = yield* shredding.receipt({ organisation: ACME, subject })
    const open = cipher.open(placeOf(subject), sealed)
    if (Option.isNone(receipt)) {
      expect(Buffer.from(yield* open).toString()).toBe("Ada")
      expect(yield* log.list({ organisation: ACME, actor: subject })).toHaveLength(1)
      yield* shredding.shred({ organisation: ACME, subject, actor: ALICE })
    }
    expect(yield* Effect.flip(open)).toMatchObject({ reason: "key-destroyed" })
    expect(yield* log.list({ organisation: ACME, actor: subject })).toEqual([])
    const { id, keyIds } = Option.getOrThrow(yield* shredding.receipt({ organisation: ACME, subject }))
    expect(keyIds.length).toBe(1)
    const outcomes = (yield* log.list({ organisation: ACME, object: id })).map(({ entry }) => entry.outcome)
    expect(outcomes).toEqual(["success", "intent"])
    const journal = yield* (yield* ErasureJournal).entries
    expect(journal.filter((entry) => entry.subject === subject).length).toBe(1)
  }).pipe(Effect.provide(vaultAt(folder, location), { local: true }))
