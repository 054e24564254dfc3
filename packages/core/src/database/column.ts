// How values look in a row on both databases. PostgreSQL returns BIGINT as a bigint and BYTEA as Uint8Array, SQLite numbers and
// Buffers; these schemas make them one. Instants are ISO 8601 text in UTC with milliseconds, which sorts as it reads.
import { Schema, SchemaTransformation } from "effect"

/** A whole number within ±2^53. */
export const IntegerColumn = Schema.Union([Schema.Finite, Schema.BigInt]).pipe(
  Schema.decodeTo(
    Schema.Int,
    SchemaTransformation.transform<number, number | bigint>({ decode: Number, encode: (value) => value })
  )
)

/** 0 or 1 in the row, a boolean in the program. */
export const BooleanColumn = Schema.Union([Schema.Finite, Schema.BigInt]).pipe(
  Schema.decodeTo(
    Schema.Boolean,
    SchemaTransformation.transform<boolean, number | bigint>({
      decode: (value) => Number(value) === 1,
      encode: (value) => (value ? 1 : 0)
    })
  )
)

/** Bytes, never a view on memory that the driver reuses. */
export const BytesColumn = Schema.Uint8Array
