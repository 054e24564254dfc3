// The step of a shredding that cannot be undone: the keys, and with them whatever links the data subject to entries of the audit log.
import { AuditLog, Database, SubjectRecords } from "@fluxcybers/core"
import { Effect, Option } from "effect"
import { type Subject, tombstoneStore } from "./tombstones.ts"

/** In one transaction. Done before, it changes nothing. Without an audit log there is nothing that anybody could be linked to. */
export const makeDestruction = Effect.gen(function* () {
  const database = yield* Database
  const store = tombstoneStore(database)
  const log = yield* Effect.serviceOption(AuditLog)
  const records = yield* Effect.serviceOption(SubjectRecords)

  return Effect.fnUntraced(function* ({ organisation, subject }: Subject) {
    const others = Option.isSome(records) ? yield* records.value.forget({ organisation, subject }) : []
    if (Option.isSome(log)) yield* log.value.forget({ organisation, ids: [subject, ...others] })
    yield* store.destroy({ organisation, subject })
  }, database.transaction)
})
