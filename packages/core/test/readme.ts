import { AuditLog, auditLogLayer, ephemeralSigningKey, newId, OrganisationId, SystemActor } from "@fluxcybers/core"
import { sqliteLayer } from "@fluxcybers/core/sqlite"
import { Effect, Layer } from "effect"

const origin = "log.example.com"
const log = auditLogLayer({ origin, key: ephemeralSigningKey(origin) }).pipe(
  Layer.provide(sqliteLayer({ filename: ":memory:" }))
)

const program = Effect.gen(function* () {
  const audit = yield* AuditLog
  const organisation = yield* newId(OrganisationId, "org")
  const actor = new SystemActor({ component: "readme" })
  const id = yield* audit.record({ organisation, actor, action: "door.opened", object: "door-1", outcome: "success" })
  yield* audit.awaitCheckpoint(id)
  return yield* audit.prove(id)
})

/** A proof that the entry is in the log, in the form of c2sp.org/tlog-proof. */
export const proof = await Effect.runPromise(Effect.provide(program, log))
