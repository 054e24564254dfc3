// What the server and the executor keep about a person besides what is sealed: gone, or under other pseudonyms, when the person's key is
// destroyed.
import { Database, type DataSubject, orStorageFailure, SubjectRecords } from "@fluxcybers/core"
import { forgetPerson, tablesWithPeople } from "@fluxcybers/executor"
import { Effect, Layer, Schema } from "effect"

const Ids = Schema.Array(Schema.Struct({ id: Schema.String }))

/** The accounts of an erased person. An organisation without an owner gets a new owner link at the next start. */
export const subjectRecordsLayer: Layer.Layer<SubjectRecords, never, Database> = Layer.effect(
  SubjectRecords,
  Effect.map(Database, (database) =>
    SubjectRecords.of({
      forget: (subject) => Effect.provideService(forget(subject), Database, database),
      tables: [
        ...[
          "server_members",
          "server_tokens",
          "server_approval_keys",
          "server_passkey_challenges",
          "server_idempotency",
          "server_subscriptions",
          "server_outbox"
        ],
        ...tablesWithPeople
      ]
    })
  )
)

const forget = Effect.fn("SubjectRecords.forget")(function* (person: DataSubject) {
  const { sql } = yield* Database
  const { organisation, subject } = person
  const theirs = sql`organisation = ${organisation} AND person = ${subject}`
  const found = yield* sql`SELECT id FROM server_tokens WHERE ${theirs}
    UNION SELECT agent FROM server_tokens WHERE ${theirs} AND agent IS NOT NULL
    UNION SELECT id FROM server_approval_keys WHERE ${theirs}
    UNION SELECT id FROM server_subscriptions WHERE ${theirs}`
  const known = yield* Effect.orDie(Schema.decodeUnknownEffect(Ids)(found))
  const agents = yield* forgetPerson(person)
  yield* sql`DELETE FROM server_idempotency WHERE token IN (SELECT id FROM server_tokens WHERE ${theirs})`
  yield* sql`DELETE FROM server_tokens WHERE ${theirs}`
  yield* sql`DELETE FROM server_approval_keys WHERE ${theirs}`
  yield* sql`DELETE FROM server_outbox WHERE ${theirs}`
  yield* sql`DELETE FROM server_subscriptions WHERE ${theirs}`
  yield* sql`DELETE FROM server_passkey_challenges WHERE ${theirs}`
  yield* sql`DELETE FROM server_members WHERE ${theirs}`
  return [...known.map(({ id }) => id), ...agents]
}, orStorageFailure)
