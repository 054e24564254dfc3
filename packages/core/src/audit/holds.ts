// Holds: what keeps entries of the log past their period.
import { DateTime, Effect, Schema } from "effect"
import type { Database } from "../database/database.ts"
import { orStorageFailure } from "../database/storage-failure.ts"
import { newId } from "../ids.ts"
import type { AuditLog } from "./audit-log.ts"
import { type AuditHold, AuditHoldId, type AuditRetention } from "./retention.ts"

const HoldRow = Schema.Struct({
  id: AuditHoldId,
  object: Schema.NullOr(Schema.String),
  ground: Schema.String,
  until: Schema.NullOr(Schema.String),
  created_at: Schema.String
})
const decodeHolds = Schema.decodeUnknownEffect(Schema.Array(HoldRow))

const heldBy = ({ id, object, ground, until, created_at: createdAt }: typeof HoldRow.Type): AuditHold => ({
  id,
  ground,
  createdAt,
  ...(object === null ? {} : { object }),
  ...(until === null ? {} : { until })
})

export const makeHolds = (
  { sql, transaction }: Database["Service"],
  log: AuditLog["Service"]
): Pick<AuditRetention["Service"], "hold" | "holds" | "release"> => ({
  hold: Effect.fn("AuditRetention.hold")(function* ({ organisation, object, ground, until, actor }) {
    const id = yield* newId(AuditHoldId, "hold")
    const created_at = DateTime.formatIso(yield* DateTime.now)
    const end = until === undefined ? null : DateTime.formatIso(until)
    const row = { id, org: organisation, object: object ?? null, ground, until: end, created_at }
    const event = { organisation, actor, action: "audit-hold.placed", object: id, facts: { ground } }
    yield* transaction(
      Effect.andThen(
        orStorageFailure(sql`INSERT INTO core_audit_holds ${sql.insert(row)}`),
        log.record({ ...event, outcome: "success" })
      )
    )
    return id
  }),
  holds: Effect.fn("AuditRetention.holds")(function* (organisation) {
    const rows = yield* sql`SELECT * FROM core_audit_holds WHERE org = ${organisation} ORDER BY id`
    return (yield* Effect.orDie(decodeHolds(rows))).map(heldBy)
  }, orStorageFailure),
  release: Effect.fn("AuditRetention.release")(({ id, organisation, actor }) =>
    transaction(
      Effect.gen(function* () {
        const fits = sql`id = ${id} AND org = ${organisation}`
        const rows = yield* orStorageFailure(sql`SELECT id FROM core_audit_holds WHERE ${fits}`)
        if (rows.length === 0) return false
        yield* log.record({ organisation, actor, action: "audit-hold.released", object: id, outcome: "success" })
        yield* orStorageFailure(sql`DELETE FROM core_audit_holds WHERE ${fits}`)
        return true
      })
    )
  )
})
