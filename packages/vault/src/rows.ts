// The rows of the vault's tables as the inventory knows them.
import {
  BytesColumn,
  type ColumnDeclaration,
  column,
  declareTable,
  IntegerColumn,
  OrganisationId,
  type TableDeclaration,
  technicalColumn
} from "@fluxcybers/core"
import { Schema } from "effect"
import { KeyId } from "./blob/sealed-blob.ts"

const KEPT: Pick<ColumnDeclaration, "purposes" | "basis" | "retention"> = {
  purposes: ["service-delivery"],
  basis: "contract",
  retention: "account"
}
const PSEUDONYM: ColumnDeclaration = { ...KEPT, category: "account", protection: "pseudonymous", subject: "subject" }
const WRAPPED_KEY: ColumnDeclaration = { ...KEPT, category: "none", protection: "sealed" }
const INDEX_TOKEN: ColumnDeclaration = { ...KEPT, category: "account", protection: "hashed", subject: "subject" }
const CREDENTIAL_NAME: ColumnDeclaration = { ...KEPT, category: "connection", protection: "plain" }
const CREDENTIAL: ColumnDeclaration = { ...KEPT, category: "connection", protection: "sealed" }

export const KeyRow = Schema.Struct({
  id: technicalColumn(KeyId),
  scope_kind: technicalColumn(Schema.Literals(["organisation", "index", "subject", "system"])),
  organisation: technicalColumn(Schema.String),
  subject: column(Schema.String, PSEUDONYM),
  version: technicalColumn(IntegerColumn),
  state: technicalColumn(Schema.Literals(["current", "retired", "destroyed"])),
  wrapped_by: technicalColumn(Schema.String),
  wrapped: column(Schema.NullOr(BytesColumn), WRAPPED_KEY),
  created_at: technicalColumn(Schema.String)
})
export type KeyRow = typeof KeyRow.Type

export const SecretRow = Schema.Struct({
  id: technicalColumn(Schema.String),
  organisation: technicalColumn(Schema.String),
  name: column(Schema.String, CREDENTIAL_NAME),
  version: technicalColumn(IntegerColumn),
  state: technicalColumn(Schema.Literals(["active", "destroyed"])),
  created_at: technicalColumn(Schema.String),
  rotated_at: technicalColumn(Schema.NullOr(Schema.String)),
  destroyed_at: technicalColumn(Schema.NullOr(Schema.String)),
  last_revealed_at: technicalColumn(Schema.NullOr(Schema.String))
})
export type SecretRow = typeof SecretRow.Type

export const SecretVersionRow = Schema.Struct({
  secret_id: technicalColumn(Schema.String),
  version: technicalColumn(IntegerColumn),
  sealed: column(BytesColumn, CREDENTIAL),
  created_at: technicalColumn(Schema.String),
  expires_at: technicalColumn(Schema.NullOr(Schema.String))
})

const BlindIndexRow = Schema.Struct({
  organisation: technicalColumn(Schema.String),
  table_name: technicalColumn(Schema.String),
  column_name: technicalColumn(Schema.String),
  row_id: technicalColumn(Schema.String),
  subject: column(Schema.String, PSEUDONYM),
  token: column(Schema.String, INDEX_TOKEN),
  created_at: technicalColumn(Schema.String)
})

export const ShreddingRow = Schema.Struct({
  id: technicalColumn(Schema.String),
  /** Counts what was destroyed; null until then. */
  number: technicalColumn(Schema.NullOr(IntegerColumn)),
  organisation: technicalColumn(OrganisationId),
  subject: column(Schema.String, PSEUDONYM),
  state: technicalColumn(Schema.Literals(["intended", "destroyed", "completed"])),
  intended_at: technicalColumn(Schema.String),
  destroyed_at: technicalColumn(Schema.NullOr(Schema.String)),
  completed_at: technicalColumn(Schema.NullOr(Schema.String)),
  keys: technicalColumn(IntegerColumn),
  key_ids: technicalColumn(Schema.String),
  tokens: technicalColumn(IntegerColumn),
  receipt_entry: technicalColumn(Schema.NullOr(Schema.String))
})
export type ShreddingRow = typeof ShreddingRow.Type

export const RotationRow = Schema.Struct({
  id: technicalColumn(Schema.String),
  scope_kind: technicalColumn(Schema.Literals(["root", "organisation", "subject", "index"])),
  organisation: technicalColumn(Schema.String),
  subject: column(Schema.String, PSEUDONYM),
  from_key: technicalColumn(Schema.String),
  to_key: technicalColumn(Schema.String),
  state: technicalColumn(Schema.Literals(["running", "completed"])),
  total: technicalColumn(IntegerColumn),
  done: technicalColumn(IntegerColumn),
  failed: technicalColumn(IntegerColumn),
  started_at: technicalColumn(Schema.String),
  completed_at: technicalColumn(Schema.NullOr(Schema.String))
})
export type RotationRow = typeof RotationRow.Type

/** What every column of the vault's tables holds. */
export const vaultInventory: ReadonlyArray<TableDeclaration> = [
  declareTable("vault_keys", KeyRow),
  declareTable("vault_secrets", SecretRow),
  declareTable("vault_secret_versions", SecretVersionRow),
  declareTable("vault_blind_index", BlindIndexRow),
  declareTable("vault_shreddings", ShreddingRow),
  declareTable("vault_rotations", RotationRow)
]
