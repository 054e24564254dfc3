// The organisations of this installation. The first start makes one.
import { AuditLog, Database, newId, OrganisationId, orStorageFailure, SystemActor } from "@fluxcybers/core"
import { DateTime, Effect } from "effect"
import { rowDecoder } from "./rows.ts"
import { OrganisationRow } from "./tables.ts"

const organisationRows = rowDecoder(OrganisationRow)

/** On whose behalf the server acts by itself. */
export const SERVER = new SystemActor({ component: "server" })

/** The oldest organisation; made, with the audit entry `organisation.created`, when there is none. */
export const firstOrganisation = Effect.fn("firstOrganisation")(function* () {
  const { sql, dialect, transaction } = yield* Database
  const log = yield* AuditLog
  return yield* transaction(
    Effect.gen(function* () {
      // Two nodes that start at once on one PostgreSQL must not make two organisations.
      if (dialect === "postgres") yield* orStorageFailure(sql`LOCK TABLE server_organisations IN EXCLUSIVE MODE`)
      const known = yield* organisationRows(sql`SELECT * FROM server_organisations ORDER BY id LIMIT 1`)
      if (known[0] !== undefined) return known[0].id
      const id = yield* newId(OrganisationId, "org")
      const created_at = DateTime.formatIso(yield* DateTime.now)
      yield* sql`INSERT INTO server_organisations ${sql.insert({ id, created_at })}`.pipe(orStorageFailure)
      yield* log.record({
        organisation: id,
        actor: SERVER,
        action: "organisation.created",
        object: id,
        outcome: "success"
      })
      return id
    })
  )
})

/** Makes the transactions that change who belongs to an organisation follow one another, on both databases. */
export const lockOrganisation = Effect.fnUntraced(function* (organisation: OrganisationId) {
  const { sql } = yield* Database
  yield* orStorageFailure(sql`UPDATE server_organisations SET id = id WHERE id = ${organisation}`)
})
