// Whether the aliases that can be opened stand for what they were made for.
import { Effect } from "effect"
import type { SqlClient } from "../database/sql.ts"
import { orStorageFailure } from "../database/storage-failure.ts"
import { isOpening } from "../verifier/alias.ts"
import type { Findings } from "./verify-findings.ts"

const PAGE_ALIASES = 1_000

/** Every row on its own: what was erased is not there, and says nothing. */
export const checkAliases = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, findings: Findings) {
  for (let after: string | undefined = ""; after !== undefined; ) {
    const page: ReadonlyArray<ReadonlyArray<unknown>> = yield* sql`SELECT alias, org, salt, text FROM core_audit_aliases
      WHERE alias > ${after} ORDER BY alias LIMIT ${PAGE_ALIASES}`.values
    for (const row of page) {
      const [alias = "", org = "", salt = "", text = ""] = row.map(String)
      if (isOpening({ alias, org, salt, text })) continue
      const detail = "what an alias in this entry is said to stand for is not what it was made for"
      findings.report({ kind: "bad-alias", index: yield* firstIndex(sql, alias), detail })
    }
    after = page.length < PAGE_ALIASES ? undefined : String(page.at(-1)?.[0])
  }
}, orStorageFailure)

/** Where it stands first as actor or object; 0 when it stands in facts only. */
const firstIndex = (sql: SqlClient.SqlClient, alias: string) =>
  Effect.map(
    sql<{
      at: unknown
    }>`SELECT min(leaf_index) AS at FROM core_audit_entries WHERE actor = ${alias} OR object = ${alias}`,
    ([row]) => Number(row?.at ?? 0)
  )
