// The tables of aliases: what each stands for, until it is erased, and whose were erased.
import { Schema } from "effect"
import type { Migration } from "../database/migrate.ts"
import { type ColumnDeclaration, column, declareTable, type TableDeclaration, technicalColumn } from "../inventory.ts"

const OPENING: ColumnDeclaration = {
  category: "history",
  protection: "pseudonymous",
  purposes: ["service-delivery", "security-monitoring"],
  basis: "legitimate-interest",
  retention: "log",
  subject: "subject"
}

export const aliasMigration: Migration = {
  version: 6,
  name: "aliases of people in the log",
  statements: ({ dialect }) => [
    `CREATE TABLE core_audit_aliases (alias TEXT PRIMARY KEY, org TEXT NOT NULL, subject TEXT NOT NULL, day TEXT NOT NULL,
      salt TEXT NOT NULL, text TEXT NOT NULL)`,
    "CREATE INDEX core_audit_aliases_by_text ON core_audit_aliases (org, text)",
    "CREATE INDEX core_audit_aliases_by_subject ON core_audit_aliases (org, subject)",
    "CREATE TABLE core_audit_erased (org TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (org, digest))",
    ...(dialect === "sqlite"
      ? [
          `CREATE TRIGGER core_audit_aliases_update BEFORE UPDATE ON core_audit_aliases
            BEGIN SELECT RAISE(ABORT, 'an alias stands for what it was made for'); END`
        ]
      : [
          `CREATE TRIGGER core_audit_aliases_fixed BEFORE UPDATE ON core_audit_aliases
            FOR EACH STATEMENT EXECUTE FUNCTION core_audit_refuse()`
        ])
  ]
}

export const aliasTables: ReadonlyArray<TableDeclaration> = [
  declareTable(
    "core_audit_aliases",
    Schema.Struct({
      alias: column(Schema.String, OPENING),
      org: technicalColumn(Schema.String),
      subject: column(Schema.String, OPENING),
      day: technicalColumn(Schema.String),
      salt: column(Schema.String, OPENING),
      text: column(Schema.String, OPENING)
    })
  ),
  declareTable(
    "core_audit_erased",
    Schema.Struct({
      org: technicalColumn(Schema.String),
      digest: column(Schema.String, { ...OPENING, protection: "hashed" })
    })
  )
]
