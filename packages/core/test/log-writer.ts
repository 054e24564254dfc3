// A process that records entries and prints the id of each one whose commit was acknowledged, until it is killed.
import { Effect, Layer, Redacted, Result, Schema } from "effect"
import { postgresLayer } from "../src/database/postgres.ts"
import { sqliteLayer } from "../src/database/sqlite.ts"
import { AuditLog, auditLogLayer, Database, OrganisationId, parseSigningKey, SystemActor } from "../src/index.ts"

const [kind = "", location = "", keyText = "", organisationText = "", component = ""] = process.argv.slice(2)
const key = Result.getOrThrow(parseSigningKey(Redacted.make(keyText)))
const organisation = Schema.decodeSync(OrganisationId)(organisationText)
const database =
  kind === "sqlite" ? sqliteLayer({ filename: location }) : postgresLayer({ url: Redacted.make(location) })

const writer = (name: string) =>
  Effect.gen(function* () {
    const log = yield* AuditLog
    const { transaction } = yield* Database
    for (let number = 0; ; number++) {
      const actor = new SystemActor({ component })
      const object = `${name}-${number}`
      const record = log.record({ organisation, actor, action: "thing.changed", object, outcome: "success" })
      const id = yield* number % 2 === 0 ? record : transaction(record)
      process.stdout.write(`${id}\n`)
    }
  })

const program = Effect.forEach(["a", "b", "c"], writer, { concurrency: "unbounded" })
await Effect.runPromise(
  program.pipe(Effect.provide(auditLogLayer({ origin: key.name, key }).pipe(Layer.provideMerge(database))))
)
