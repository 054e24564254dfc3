// A blind index token: HMAC-SHA-256 of a normalised value, under a key that belongs to one organisation and one column. Equal values of
// a column have equal tokens; without the key a token tells nothing, and cannot be found by trying values.
import { createHmac } from "node:crypto"
import { Result } from "effect"
import { additionalData } from "../blob/context.ts"
import type { SealingKey } from "../blob/sealed-blob.ts"
import { type IndexedField, type IndexValueRefused, NORMALISERS, normalise } from "./normalise.ts"

const DOMAIN = "fluxcybers/vault/v1/blind-index"
const NO_HEADER = new Uint8Array(0)

/** Which column is indexed, and as what. */
export interface IndexedColumn {
  readonly organisation: string
  readonly table: string
  readonly column: string
  readonly field: IndexedField
}

/** `fi1.<key version>.<field><rule version>.<base64url>` of the newest rule. */
export const indexToken = (
  key: SealingKey,
  column: IndexedColumn,
  value: string
): Result.Result<string, IndexValueRefused> => tokenOf(key, column, NORMALISERS[column.field].length, value)

/** The tokens that this key may have made for the value: one for each version of the rule that takes it. Newest first. */
export const candidateTokens = (
  key: SealingKey,
  column: IndexedColumn,
  value: string
): Result.Result<ReadonlyArray<string>, IndexValueRefused> => {
  const tokens = NORMALISERS[column.field].map((_, i) => tokenOf(key, column, i + 1, value)).reverse()
  return Result.map(tokens[0]!, () => tokens.filter(Result.isSuccess).map((token) => token.success))
}

const tokenOf = (key: SealingKey, column: IndexedColumn, version: number, value: string) =>
  Result.map(normalise(column.field, version, value), (normal) => {
    const rule = `${column.field}${version}`
    const parts = [DOMAIN, column.organisation, column.table, column.column]
    const columnKey = createHmac("sha256", key.secret).update(additionalData(NO_HEADER, parts)).digest()
    const mac = createHmac("sha256", columnKey)
      .update(additionalData(NO_HEADER, [rule, normal]))
      .digest("base64url")
    columnKey.fill(0)
    return `fi1.${key.version}.${rule}.${mac}`
  })
