// Holds: what keeps entries of the log past their period.
import { DateTime, Effect } from "effect"
import type { Database } from "../database/database.ts"
import { orStorageFailure } from "../database/storage-failure.ts"
import { newId } from "../ids.ts"
import type { AuditLog } from "./audit-log.ts"
import { AuditHoldId, type AuditRetention } from "./retention.ts"

export const makeHolds = (
  { sql, transaction }: Database["Service"],
  log: AuditLog["Service"]
): Pick<AuditRetention["Service"], "hold" | "release"> => ({
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
  release: Effect.fn("AuditRetention.release")(({ id, organisation, actor }) =>
    transaction(
      Effect.gen(function* () {
        const fits = sql`id = ${id} AND org = ${organisation}`
        const rows = yield* orStorageFailure(sql`SELECT id FROM core_audit_holds WHERE ${fits}`)
        if (rows.length === 0) return false
        yield* orStorageFailure(sql`DELETE FROM core_audit_holds WHERE ${fits}`)
        yield* log.record({ organisation, actor, action: "audit-hold.released", object: id, outcome: "success" })
        return true
      })
    )
  )
})
