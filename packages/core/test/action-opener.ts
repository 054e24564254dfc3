// A process that opens two actions, closes one of them, prints the intent of the other, and hangs until it is killed.
import { Effect, Layer, Redacted, Result, Schema } from "effect"
import { postgresLayer } from "../src/database/postgres.ts"
import { sqliteLayer } from "../src/database/sqlite.ts"
import { AuditLog, auditLogLayer, OrganisationId, parseSigningKey, SystemActor } from "../src/index.ts"

const [kind = "", location = "", keyText = "", organisationText = "", node = ""] = process.argv.slice(2)
const key = Result.getOrThrow(parseSigningKey(Redacted.make(keyText)))
const organisation = Schema.decodeSync(OrganisationId)(organisationText)
const database =
  kind === "sqlite" ? sqliteLayer({ filename: location }) : postgresLayer({ url: Redacted.make(location) })
const actor = new SystemActor({ component: node })
const event = { organisation, actor, action: "thing.built", object: `thing-of-${node}`, facts: { stones: 3 } }

const program = Effect.gen(function* () {
  const log = yield* AuditLog
  yield* log.during({ ...event, object: "done" }, Effect.void)
  const hanging = Effect.tap(Effect.never, () => Effect.die("nothing ends this"))
  const opened = yield* log.begin(event)
  process.stdout.write(`${opened.intent}\n`)
  return yield* log.during({ ...event, object: `${event.object}-too` }, hanging)
})
await Effect.runPromise(
  Effect.provide(program, auditLogLayer({ origin: key.name, key, node }).pipe(Layer.provideMerge(database)))
)
