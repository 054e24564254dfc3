// The receipt of a shredding, from its row.
import { Schema } from "effect"
import type { ShreddingRow } from "../rows.ts"
import type { ShreddingReceipt } from "../shredding.ts"

const KeyIds = Schema.fromJsonString(Schema.Array(Schema.String))

export const receiptOf = (row: ShreddingRow): ShreddingReceipt => ({
  id: row.id,
  organisation: row.organisation,
  subject: row.subject,
  keyIds: Schema.decodeSync(KeyIds)(row.key_ids),
  tokens: row.tokens,
  intendedAt: row.intended_at,
  destroyedAt: row.destroyed_at ?? "",
  completedAt: row.completed_at ?? "",
  entry: row.receipt_entry ?? ""
})
