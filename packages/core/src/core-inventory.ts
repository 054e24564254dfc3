// Core's own tables, as the inventory knows them.
import { Schema } from "effect"
import { aliasTables } from "./audit/alias-tables.ts"
import { retentionTables } from "./audit/retention-tables.ts"
import { auditTables } from "./audit/tables.ts"
import { IntegerColumn } from "./database/column.ts"
import { declareTable, type TableDeclaration, technicalColumn } from "./inventory.ts"

/** The declarations of core's own tables, for `verifyInventory`. */
export const coreInventory: ReadonlyArray<TableDeclaration> = [
  declareTable(
    "core_migrations",
    Schema.Struct({
      package: technicalColumn(Schema.String),
      version: technicalColumn(IntegerColumn),
      name: technicalColumn(Schema.String),
      checksum: technicalColumn(Schema.String),
      applied_at: technicalColumn(Schema.String)
    })
  ),
  ...auditTables,
  ...retentionTables,
  ...aliasTables
]
