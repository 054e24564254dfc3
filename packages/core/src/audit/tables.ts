// The tables of the audit log, as the inventory knows them. On PostgreSQL entries wait in `core_audit_pending`, written by the
// transaction that makes the change, until the sequencer moves what is committed to `core_audit_entries`, where nothing ever
// changes; on SQLite, where writers take turns, they stand there from the start, and `core_audit_pending` stays empty.
import { Schema } from "effect"
import { BytesColumn, IntegerColumn } from "../database/column.ts"
import { type ColumnDeclaration, column, declareTable, type TableDeclaration, technicalColumn } from "../inventory.ts"

/** Ids of organisations, people and objects, and ciphertext under the keys of the people concerned. */
const EVIDENCE: ColumnDeclaration = {
  category: "history",
  protection: "pseudonymous",
  purposes: ["service-delivery", "security-monitoring"],
  basis: "legitimate-interest",
  retention: "log"
}

const entryColumns = {
  id: technicalColumn(Schema.String),
  org: technicalColumn(Schema.String),
  actor: column(Schema.String, EVIDENCE),
  action: column(Schema.String, EVIDENCE),
  object: column(Schema.String, EVIDENCE),
  time: column(Schema.String, EVIDENCE),
  leaf: column(BytesColumn, EVIDENCE)
}

/** The columns of both tables that hold entries. */
export const ENTRY_COLUMNS = "id, org, actor, action, object, time, leaf"

export const auditTables: ReadonlyArray<TableDeclaration> = [
  declareTable("core_audit_pending", Schema.Struct({ seq: technicalColumn(IntegerColumn), ...entryColumns })),
  declareTable("core_audit_entries", Schema.Struct({ leaf_index: technicalColumn(IntegerColumn), ...entryColumns })),
  declareTable(
    "core_audit_tiles",
    Schema.Struct({
      level: technicalColumn(IntegerColumn),
      tile_index: technicalColumn(IntegerColumn),
      hashes: technicalColumn(BytesColumn)
    })
  ),
  declareTable(
    "core_audit_checkpoints",
    Schema.Struct({
      size: technicalColumn(IntegerColumn),
      time: technicalColumn(Schema.String),
      note: technicalColumn(Schema.String)
    })
  ),
  declareTable(
    "core_audit_cosignatures",
    Schema.Struct({
      size: technicalColumn(IntegerColumn),
      witness: technicalColumn(Schema.String),
      time: technicalColumn(Schema.String),
      line: technicalColumn(Schema.String)
    })
  ),
  declareTable(
    "core_audit_open",
    Schema.Struct({
      entry: technicalColumn(Schema.String),
      node: technicalColumn(Schema.String),
      boot: technicalColumn(Schema.String),
      beat: technicalColumn(IntegerColumn),
      org: technicalColumn(Schema.String),
      action: column(Schema.String, EVIDENCE),
      object: column(Schema.String, EVIDENCE),
      facts: column(Schema.String, EVIDENCE)
    })
  )
]
