// The columns that hold sealed values: one list, from which rotation, the refusal to retire a version, and verification follow.
import { Database, orStorageFailure } from "@fluxcybers/core"
import { Effect, Schema } from "effect"
import type { IndexedField } from "../blind-index/normalise.ts"
import type { KeyId } from "../blob/sealed-blob.ts"

/** A column of sealed blobs. Names and expressions are the program's own, never input. */
export interface SealedColumn {
  readonly table: string
  readonly column: string
  /** The columns of the primary key, in its order. */
  readonly key: readonly [string, ...Array<string>]
  /** SQL expression of the text that names the row in the value's place. */
  readonly row: string
  /** The purpose that values are sealed for; `field` unless told. */
  readonly purpose?: string
  /**
   * What `BlindIndex.put` was told of the column's values, if they are indexed: text in UTF-8, by the same row. The rotation of the index
   * key then makes their tokens anew.
   */
  readonly indexed?: IndexedField
}

/** The vault's own. */
export const SECRET_VALUES: SealedColumn = {
  table: "vault_secret_versions",
  column: "sealed",
  key: ["secret_id", "version"],
  row: "secret_id || '/' || (SELECT name FROM vault_secrets WHERE id = secret_id) || '/' || version",
  purpose: "secret"
}

/** Bytes 4 to 15 of a blob (docs/spec/sealed-blob.md §2), as SQL. */
const KEY_OFFSET = 5
const KEY_LENGTH = 12

type Sql = Database["Service"]["sql"]
const keyOf = (sql: Sql, { column }: SealedColumn) => sql.literal(`substr(${column}, ${KEY_OFFSET}, ${KEY_LENGTH})`)
const keyBytes = (id: KeyId) => Buffer.from(id, "hex")

/** A value with what identifies its row. */
export interface SealedValue {
  readonly key: ReadonlyArray<unknown>
  readonly row: string
  readonly sealed: Uint8Array
}

const ValueRow = Schema.StructWithRest(Schema.Struct({ place_row: Schema.String, sealed_value: Schema.Uint8Array }), [
  Schema.Record(Schema.String, Schema.Unknown)
])
const Count = Schema.Struct({ n: Schema.Union([Schema.Int, Schema.BigInt, Schema.FiniteFromString]) })

export const sealedColumns = ({ sql }: Database["Service"]) => ({
  /** The next values under a key, or under any, after the row with that primary key. */
  page: (
    column: SealedColumn,
    under: KeyId | undefined,
    page: { readonly after: ReadonlyArray<unknown> | undefined; readonly limit: number }
  ) =>
    sql`SELECT ${sql.literal(column.key.join(", "))}, ${sql.literal(column.row)} AS place_row,
        ${sql(column.column)} AS sealed_value
      FROM ${sql(column.table)} WHERE ${isUnder(sql, column, under)} AND ${afterRow(sql, column, page.after)}
      ORDER BY ${sql.literal(column.key.join(", "))} LIMIT ${page.limit}`.pipe(
      orStorageFailure,
      Effect.flatMap((rows) => Effect.orDie(Schema.decodeUnknownEffect(Schema.Array(ValueRow))(rows))),
      Effect.map((rows) => rows.map((row) => sealedValue(column, row)))
    ),

  /** Puts a value in the place of another one, if that is still there. False when somebody else wrote. */
  replace: (column: SealedColumn, { key, sealed }: SealedValue, fresh: Uint8Array) =>
    sql`UPDATE ${sql(column.table)} SET ${sql(column.column)} = ${fresh}
      WHERE ${sql.and(column.key.map((name, i) => sql`${sql(name)} = ${key[i]}`))} AND ${sql(column.column)} = ${sealed}
      RETURNING 1 AS n`.pipe(
      orStorageFailure,
      Effect.map((rows) => rows.length === 1)
    ),

  count: (column: SealedColumn, under: KeyId) =>
    counted(sql`SELECT COUNT(*) AS n FROM ${sql(column.table)} WHERE ${keyOf(sql, column)} = ${keyBytes(under)}`)
})

const isUnder = (sql: Sql, column: SealedColumn, under: KeyId | undefined) =>
  under === undefined ? sql`${sql(column.column)} IS NOT NULL` : sql`${keyOf(sql, column)} = ${keyBytes(under)}`

const afterRow = (sql: Sql, { key }: SealedColumn, after: ReadonlyArray<unknown> | undefined) =>
  after === undefined
    ? sql`1 = 1`
    : sql`(${sql.literal(key.join(", "))}) > (${sql.csv(after.map((value) => sql`${value}`))})`

const sealedValue = (column: SealedColumn, row: typeof ValueRow.Type): SealedValue => ({
  key: column.key.map((name) => row[name]),
  row: row.place_row,
  sealed: row.sealed_value
})

/** The one number of a count, whatever the driver makes of it. */
export const counted = <E, R>(rows: Effect.Effect<ReadonlyArray<unknown>, E, R>) =>
  orStorageFailure(rows).pipe(
    Effect.flatMap((found) => Effect.orDie(Schema.decodeUnknownEffect(Schema.NonEmptyArray(Count))(found))),
    Effect.map(([{ n }]) => Number(n))
  )
