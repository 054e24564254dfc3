// Logs with a key of their own and witnesses for them, for tests.
import {
  AuditLog,
  auditLogLayer,
  coreMigrations,
  type Database,
  ephemeralSigningKey,
  migrate,
  type NoteSigner,
  newId,
  OrganisationId,
  parseWitnessPolicy,
  SystemActor,
  type WitnessPolicy
} from "@fluxcybers/core"
import { sqliteLayer } from "@fluxcybers/core/sqlite"
import { Effect, Layer, Result, Schedule } from "effect"
import { startWitness } from "../src/witness/witness.ts"
import { temporaryFolder } from "./test-server.ts"

export const newKey = (name = "log.test/fluxcybers"): NoteSigner => ephemeralSigningKey(name)

/** A log on a database file. What is done with it belongs to one process: it closes with the effect. */
export const onLog = <A, E>(
  log: {
    readonly filename: string
    readonly key: NoteSigner
    readonly policy?: WitnessPolicy
    readonly journal?: string
  },
  work: Effect.Effect<A, E, AuditLog | Database>
) => {
  const { filename, key, ...more } = log
  const layer = auditLogLayer({ origin: key.name, key, ...more }).pipe(Layer.provideMerge(sqliteLayer({ filename })))
  return Effect.provide(work, Layer.fresh(layer))
}

/** The database alone, as somebody has it who does not ask the log. */
export const onDatabase = <A, E>(filename: string, work: Effect.Effect<A, E, Database>) =>
  Effect.andThen(Effect.orDie(migrate("core", coreMigrations)), work).pipe(
    Effect.provide(Layer.fresh(sqliteLayer({ filename })))
  )

const organisation = Effect.runSync(newId(OrganisationId, "org"))

/** Writes entries about these objects, all under a checkpoint at the end; that checkpoint. */
export const write = Effect.fnUntraced(function* (...objects: ReadonlyArray<string>) {
  const audit = yield* AuditLog
  const actor = new SystemActor({ component: "test" })
  for (const object of objects) {
    const id = yield* audit.record({ organisation, actor, action: "thing.changed", object, outcome: "success" })
    yield* audit.awaitCheckpoint(id)
  }
  return yield* audit.checkpoint
})

export const named = (prefix: string, count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`)

/** A witness of these logs, and the policy that demands it. */
export const runWitness = Effect.fnUntraced(function* (...keys: ReadonlyArray<NoteSigner>) {
  const directory = `${yield* temporaryFolder}/witness`
  const logs = keys.map(({ verifier }) => verifier)
  const { url, verifierKey } = yield* startWitness({
    directory,
    name: "witness.test/w1",
    logs,
    host: "127.0.0.1",
    port: 0
  })
  const policy = Result.getOrThrow(parseWitnessPolicy(`witness w1 ${verifierKey} ${url}\nquorum w1\n`))
  return { directory, url, verifierKey, policy }
})

/** Waits until the newest checkpoint has its cosignature. */
export const witnessed = Effect.gen(function* () {
  const audit = yield* AuditLog
  return yield* Effect.filterOrFail(audit.checkpoint, (note) => note.includes("\n— witness.test/w1 "))
}).pipe(Effect.retry({ schedule: Schedule.spaced("100 millis"), times: 200 }))
