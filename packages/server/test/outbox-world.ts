// An outbox on a real database with a real log, without a server.
import { appendFileSync } from "node:fs"
import { auditLogLayer, type Database, migrate, OrganisationId, PersonId, parseSigningKey } from "@fluxcybers/core"
import { keyCipherLayer } from "@fluxcybers/executor"
import { Effect, Layer, Redacted, Result } from "effect"
import { serverMigrations } from "../src/data/tables.ts"
import { type NewMessage, Outbox } from "../src/outbox/outbox.ts"
import {
  DEFAULT_SENDER_SETTINGS,
  Deliveries,
  type DeliveryFailed,
  type OutgoingMessage,
  type SenderSettings,
  sendDue
} from "../src/outbox/sender.ts"

export const organisation = OrganisationId.make(`org_${"0".repeat(26)}`)
export const person = PersonId.make(`person_${"0".repeat(26)}`)

export const message: NewMessage = {
  ...{ organisation, person, destination: "sub_1", topic: "decision.wanted", about: "exec_1" },
  body: "canary-body"
}

export const outboxLayer = (database: Layer.Layer<Database>, logKey: string) => {
  const key = Result.getOrThrow(parseSigningKey(Redacted.make(logKey)))
  return Outbox.layer.pipe(
    Layer.provideMerge(auditLogLayer({ origin: key.name, key })),
    Layer.provideMerge(keyCipherLayer(Redacted.make(new Uint8Array(32).fill(7)))),
    Layer.provideMerge(Layer.effectDiscard(migrate("server", serverMigrations))),
    Layer.provideMerge(database),
    Layer.orDie
  )
}

/** Sends what is due, as one look of the sender does. */
export const sendWith = (
  deliver: (message: OutgoingMessage) => Effect.Effect<void, DeliveryFailed>,
  settings: Partial<SenderSettings> = {}
) => Effect.provideService(sendDue({ ...DEFAULT_SENDER_SETTINGS, ...settings }), Deliveries, Deliveries.of({ deliver }))

/** Puts a message into the outbox and sends it to a file, but dies before it is written there, or right after that. */
export const sendAndDie = Effect.fnUntraced(function* (file: string, isWritten: boolean) {
  const outbox = yield* Outbox
  yield* outbox.put(yield* outbox.seal(message))
  const die = ({ id, body }: OutgoingMessage) =>
    Effect.sync(() => {
      if (isWritten) appendFileSync(file, `${id} ${body}\n`)
      process.kill(process.pid, "SIGKILL")
    })
  yield* sendWith(die, { leaseMs: 1 })
})
