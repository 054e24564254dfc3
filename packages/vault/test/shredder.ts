// A process that shreds one subject and kills itself at the n-th point: before, inside or after one of the vault's transactions, before
// or after a write to the erasure journal. Prints "whole" when there are fewer points.
import { join } from "node:path"
import { auditLogLayer, Database, OrganisationId, PersonActor, PersonId, parseSigningKey } from "@fluxcybers/core"
import { Effect, Layer, Redacted, Result, Schema } from "effect"
import { ErasureJournal, erasureJournalFileLayer, rootKeyFileLayer, Shredding, vaultLayer } from "../src/index.ts"
import { databaseAt } from "./database-at.ts"

const Arguments = Schema.fromJsonString(
  Schema.Struct({
    location: Schema.Union([Schema.Struct({ sqlite: Schema.String }), Schema.Struct({ postgres: Schema.String })]),
    folder: Schema.String,
    logKey: Schema.String,
    organisation: OrganisationId,
    subject: Schema.String,
    point: Schema.Int
  })
)
const { location, folder, logKey, organisation, subject, point } = Schema.decodeUnknownSync(Arguments)(process.argv[2])

let isCounting = false
let passed = 0
const pass = Effect.sync(() => {
  if (isCounting && ++passed === point) process.kill(process.pid, "SIGKILL")
})

const fragileDatabase = Layer.effect(
  Database,
  Effect.map(Database, (database) =>
    Database.of({
      ...database,
      transaction: (effect) =>
        pass.pipe(
          Effect.andThen(database.transaction(Effect.tap(effect, () => pass))),
          Effect.tap(() => pass)
        )
    })
  )
)
const fragileJournal = Layer.effect(
  ErasureJournal,
  Effect.map(ErasureJournal, (journal) =>
    ErasureJournal.of({
      ...journal,
      append: (entry) =>
        Effect.andThen(
          pass,
          Effect.tap(journal.append(entry), () => pass)
        )
    })
  )
).pipe(Layer.provide(erasureJournalFileLayer({ path: join(folder, "erasures") })))

const key = Result.getOrThrow(parseSigningKey(Redacted.make(logKey)))
const services = vaultLayer.pipe(
  Layer.provide(fragileDatabase),
  Layer.provide(fragileJournal),
  Layer.provide(auditLogLayer({ origin: key.name, key })),
  Layer.provide(rootKeyFileLayer({ path: join(folder, "root.key") })),
  Layer.provide(databaseAt(location))
)
const actor = new PersonActor({ person: PersonId.make("person_000000000000000000000a11ce") })
const program = Effect.gen(function* () {
  const shredding = yield* Shredding
  isCounting = true
  yield* shredding.shred({ organisation, subject, actor })
  isCounting = false
})
await Effect.runPromise(Effect.provide(program, services))
process.stdout.write("whole")
