// Makes blind index tokens anew under the newest version of the organisation's index key, from the sealed values that they stand for.
import { BytesColumn, Database, type OrganisationId, orStorageFailure } from "@fluxcybers/core"
import { Effect, Result, Schema } from "effect"
import { indexToken } from "../blind-index/token.ts"
import { recordParts } from "../blob/context.ts"
import { blobHeader, openBlob, type SealingKey } from "../blob/sealed-blob.ts"
import { KeyStore } from "../keys/key-store.ts"
import { Keyring } from "../keys/keyring.ts"
import { contextOf } from "./reseal.ts"
import { added, NOTHING, rotationStore } from "./rotation-store.ts"
import { counted, type SealedColumn } from "./sealed-column.ts"

const PAGE_TOKENS = 100

/** Which tokens, and under which key they are to be. */
export interface Reindexing {
  readonly rotation: string
  readonly organisation: OrganisationId
  readonly from: SealingKey
  readonly to: SealingKey
}

/** How the tokens of a key begin: versions have no other sign in them than digits. */
const prefixOf = ({ version }: { readonly version: number }): string => `fi1.${version}.%`

/** Tokens of an organisation that a version of its index key made. */
export const countTokens = (organisation: OrganisationId, key: { readonly version: number }) =>
  Effect.flatMap(Database, ({ sql }) =>
    counted(sql`SELECT COUNT(*) AS n FROM vault_blind_index
      WHERE organisation = ${organisation} AND token LIKE ${prefixOf(key)}`)
  )

/** Every token of the indexed columns. `failed`: those whose value is not there, does not open, or that no column of the list has. */
export const reindexAll = Effect.fnUntraced(function* (reindexing: Reindexing, columns: ReadonlyArray<SealedColumn>) {
  let passed = NOTHING
  for (const column of columns) if (column.indexed) passed = added(passed, yield* reindexColumn(reindexing, column))
  return { ...passed, failed: yield* countTokens(reindexing.organisation, reindexing.from) }
})

const reindexColumn = Effect.fnUntraced(function* (reindexing: Reindexing, column: SealedColumn) {
  let after = ""
  let done = 0
  for (;;) {
    const page = yield* nextTokens(reindexing, column, after)
    const last = page.at(-1)
    if (last === undefined) return { done, failed: 0 }
    done += yield* reindexPage(reindexing, column, page)
    after = last.row_id
  }
})

const TokenRow = Schema.Struct({
  row_id: Schema.String,
  token: Schema.String,
  sealed_value: Schema.NullOr(BytesColumn)
})
type TokenRow = typeof TokenRow.Type

/** Whole rows: a row id may be that of rows of several organisations. */
const nextTokens = Effect.fnUntraced(function* (reindexing: Reindexing, column: SealedColumn, after: string) {
  const { sql } = yield* Database
  const tokens = sql`SELECT row_id, token FROM vault_blind_index
    WHERE organisation = ${reindexing.organisation} AND table_name = ${column.table} AND column_name = ${column.column}
      AND token LIKE ${prefixOf(reindexing.from)} AND row_id > ${after} ORDER BY row_id LIMIT ${PAGE_TOKENS}`
  return yield* sql`SELECT b.row_id, b.token, v.sealed_value FROM (${tokens}) AS b
    LEFT JOIN (SELECT ${sql.literal(column.row)} AS place_row, ${sql(column.column)} AS sealed_value
      FROM ${sql(column.table)}) AS v ON v.place_row = b.row_id ORDER BY b.row_id`.pipe(
    orStorageFailure,
    Effect.flatMap((rows) => Effect.orDie(Schema.decodeUnknownEffect(Schema.Array(TokenRow))(rows)))
  )
})

const reindexPage = Effect.fnUntraced(function* (
  reindexing: Reindexing,
  column: SealedColumn,
  page: ReadonlyArray<TokenRow>
) {
  const database = yield* Database
  const fresh = yield* Effect.forEach(page, (row) => freshToken(reindexing, column, row))
  return yield* database.transaction(
    Effect.gen(function* () {
      let done = 0
      for (const [i, row] of page.entries()) {
        if (fresh[i] !== undefined && (yield* replaceToken(reindexing, column, row, fresh[i]))) done++
      }
      yield* rotationStore(database).progress(reindexing.rotation, done)
      return done
    })
  )
})

/** False when it was written anew, or deleted with its subject, in the meantime. */
const replaceToken = Effect.fnUntraced(function* (
  { organisation }: Reindexing,
  { table, column }: SealedColumn,
  { row_id, token }: TokenRow,
  fresh: string
) {
  const { sql } = yield* Database
  const rows = yield* orStorageFailure(sql`UPDATE vault_blind_index SET token = ${fresh}
    WHERE organisation = ${organisation} AND table_name = ${table} AND column_name = ${column} AND row_id = ${row_id}
      AND token = ${token} RETURNING row_id`)
  return rows.length === 1
})

const utf8 = new TextDecoder("utf-8", { fatal: true })

/** Nothing when the value is not there, does not open, or is another organisation's. */
const freshToken = Effect.fnUntraced(function* (reindexing: Reindexing, column: SealedColumn, row: TokenRow) {
  const { organisation, to } = reindexing
  const header = row.sealed_value === null ? undefined : Result.getOrUndefined(blobHeader(row.sealed_value))
  const named = header && (yield* (yield* KeyStore).byId(header.keyId))
  const { indexed: field } = column
  if (row.sealed_value === null || named === undefined || field === undefined) return undefined
  const { scope } = named
  if ((scope.kind !== "organisation" && scope.kind !== "subject") || scope.organisation !== organisation) {
    return undefined
  }
  const key = yield* Effect.result((yield* Keyring).get(scope, named.id))
  if (Result.isFailure(key)) return undefined
  const parts = recordParts(contextOf(scope, column, { row: row.row_id }))
  const opened = openBlob({ suite: "record", key: key.success, parts }, row.sealed_value)
  if (typeof opened === "string") return undefined
  const place = { organisation, table: column.table, column: column.column, field }
  const token = Result.try(() => utf8.decode(opened)).pipe(Result.flatMap((value) => indexToken(to, place, value)))
  opened.fill(0)
  return Result.getOrUndefined(token)
})
