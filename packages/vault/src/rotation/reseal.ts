// Seals values anew under the newest version of their key, page by page.
import { Database } from "@fluxcybers/core"
import { Effect } from "effect"
import type { RecordContext } from "../blob/context.ts"
import { recordParts } from "../blob/context.ts"
import { openBlob, type SealingKey, sealBlob } from "../blob/sealed-blob.ts"
import type { KeyScope } from "../keys/key-scope.ts"
import { added, NOTHING, rotationStore } from "./rotation-store.ts"
import { type SealedColumn, type SealedValue, sealedColumns } from "./sealed-column.ts"

const PAGE_VALUES = 100

export interface Resealing {
  readonly rotation: string
  readonly scope: Extract<KeyScope, { readonly kind: "organisation" | "subject" }>
  readonly from: SealingKey
  readonly to: SealingKey
}

/** Every value of a column that the older version sealed. */
export const resealColumn = Effect.fnUntraced(function* (resealing: Resealing, column: SealedColumn) {
  const values = sealedColumns(yield* Database)
  let after: ReadonlyArray<unknown> | undefined
  let passed = NOTHING
  for (;;) {
    const page = yield* values.page(column, resealing.from.id, { after, limit: PAGE_VALUES })
    const last = page.at(-1)
    if (last === undefined) return passed
    passed = added(passed, yield* resealPage(resealing, column, page))
    after = last.key
  }
})

const resealPage = Effect.fnUntraced(function* (
  resealing: Resealing,
  column: SealedColumn,
  page: ReadonlyArray<SealedValue>
) {
  const database = yield* Database
  const values = sealedColumns(database)
  return yield* database.transaction(
    Effect.gen(function* () {
      let [done, failed] = [0, 0]
      for (const value of page) {
        const fresh = reseal(resealing, recordParts(contextOf(resealing.scope, column, value)), value)
        if (fresh === undefined) failed++
        else if (yield* values.replace(column, value, fresh)) done++
      }
      yield* rotationStore(database).progress(resealing.rotation, done)
      return { done, failed }
    })
  )
})

export const contextOf = (
  scope: Resealing["scope"],
  column: SealedColumn,
  { row }: Pick<SealedValue, "row">
): RecordContext => ({
  organisation: scope.organisation,
  purpose: column.purpose ?? "field",
  table: column.table,
  column: column.column,
  row,
  ...(scope.kind === "subject" ? { subject: scope.subject } : {})
})

/** Nothing when it does not open: it stays as it is, and verification finds it. */
const reseal = ({ from, to }: Resealing, parts: ReadonlyArray<string>, { sealed }: SealedValue) => {
  const opened = openBlob({ suite: "record", key: from, parts }, sealed)
  if (typeof opened === "string") return undefined
  const fresh = sealBlob({ suite: "record", key: to, parts }, opened)
  opened.fill(0)
  return fresh
}
