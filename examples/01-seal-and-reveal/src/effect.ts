import { mkdtemp } from "node:fs/promises"
import {
  AuditLog,
  auditLogLayer,
  ephemeralSigningKey,
  newId,
  OrganisationId,
  SubjectCipher,
  SystemActor
} from "@fluxcybers/core"
import { sqliteLayer } from "@fluxcybers/core/sqlite"
import { rootKeyFileLayer, Secrets, vaultLayer } from "@fluxcybers/vault"
import { Effect, Layer, Redacted } from "effect"

const program = Effect.gen(function* () {
  const organisation = yield* newId(OrganisationId, "org")
  const actor = new SystemActor({ component: "example" })

  // One sealed column. It opens in its own row and nowhere else.
  const cipher = yield* SubjectCipher
  const iban = { organisation, table: "customers", column: "iban", row: "42" }
  const sealed = yield* cipher.seal(iban, Buffer.from("DE89 3704 0044 0532 0130 00"))
  console.log("stored  ", sealed.length, "bytes")
  console.log("opened  ", Buffer.from(yield* cipher.open(iban, sealed)).toString())

  // One secret. Each time that it is revealed, the log keeps who, when and why.
  const secrets = yield* Secrets
  const named = { organisation, actor, name: "db/password" }
  yield* secrets.put({ ...named, value: Redacted.make(Buffer.from("correct horse battery staple")) })
  const { value: password } = yield* secrets.reveal({ ...named, purpose: "nightly backup" })
  console.log("printed ", `${password}`)
  console.log("revealed", Buffer.from(Redacted.value(password)).toString())

  const log = yield* AuditLog
  for (const { entry } of yield* log.list({ organisation })) console.log("logged  ", entry.action, entry.facts)
})

const folder = await mkdtemp("/tmp/vault-")
const services = vaultLayer.pipe(
  Layer.provideMerge(rootKeyFileLayer({ path: `${folder}/root.key`, createIfMissing: true })),
  // A real log has its key in a file; this one signs for as long as the process lives.
  Layer.provideMerge(auditLogLayer({ origin: "example.com/log", key: ephemeralSigningKey("example.com/log") })),
  Layer.provide(sqliteLayer({ filename: `${folder}/vault.db` }))
)
await Effect.runPromise(Effect.provide(program, services))
