// The inventory: what every column of every table holds, why, for how long, and how it is protected. A package annotates the
// fields of its row schemas and lists its tables; a column that nobody declared fails the tests and the start.
import { Effect, Schema } from "effect"
import { Database } from "./database/database.ts"
import { orStorageFailure } from "./database/storage-failure.ts"

/** The six categories of the policy (P1.1), and `none` for keys, counters and states that say nothing about anybody. */
export type DataCategory = "account" | "connection" | "usage" | "history" | "payment" | "technical" | "none"

/** What a column holds, why, for how long, and how it is protected. */
export interface ColumnDeclaration {
  readonly category: DataCategory
  /** How the column stands on disk. */
  readonly protection: "sealed" | "hashed" | "pseudonymous" | "plain"
  readonly purposes: ReadonlyArray<
    "service-delivery" | "security-monitoring" | "platform-improvement" | "communication" | "billing"
  >
  /** GDPR Art. 6(1). */
  readonly basis: "contract" | "legal-obligation" | "legitimate-interest" | "consent"
  /** `account`: as long as the account is active. `execution-log`: 90 days unless the operator keeps less. `log`: the audit log's own period. */
  readonly retention: "account" | "execution-log" | "log" | "session"
  /** Name of the column of the same table that holds the data subject's pseudonym. */
  readonly subject?: string
}

/** The declarations of one table's columns. */
export interface TableDeclaration {
  readonly table: string
  readonly columns: Readonly<Record<string, ColumnDeclaration>>
}

const ANNOTATION = "fluxcybers/column"

/** Declares what a field of a row schema holds. */
export const column = <S extends Schema.Top>(schema: S, declaration: ColumnDeclaration): S["Rebuild"] =>
  schema.annotate({ [ANNOTATION]: declaration })

/** A field that says nothing about anybody: a key, a counter, a state. */
export const technicalColumn = <S extends Schema.Top>(schema: S): S["Rebuild"] => column(schema, TECHNICAL)

const TECHNICAL: ColumnDeclaration = {
  category: "none",
  protection: "plain",
  purposes: ["service-delivery"],
  basis: "contract",
  retention: "account"
}

/** The declaration of a table, read from the annotations of its row schema. A field without one is a defect of the program. */
export const declareTable = (table: string, row: Schema.Struct<Schema.Struct.Fields>): TableDeclaration => ({
  table,
  columns: Object.fromEntries(
    Object.entries(row.fields).map(([name, field]) => {
      const declaration = Schema.resolveAnnotations(field)?.[ANNOTATION] as ColumnDeclaration | undefined
      if (declaration === undefined)
        throw new Error(`${table}.${name} has no inventory declaration: wrap its schema in column()`)
      return [name, declaration]
    })
  )
})

/** The live database and the inventory disagree. */
export class InventoryDrift extends Schema.TaggedError<InventoryDrift>()("InventoryDrift", {
  undeclared: Schema.Array(Schema.String),
  missing: Schema.Array(Schema.String)
}) {
  override get message() {
    const undeclared =
      this.undeclared.length > 0 ? `Not declared in the inventory: ${this.undeclared.join(", ")}. ` : ""
    const missing = this.missing.length > 0 ? `Declared but not in the database: ${this.missing.join(", ")}. ` : ""
    return `${undeclared}${missing}Nothing was started. Every column needs a declaration that says what it holds and for how long.`
  }
}

/** Compares the inventory with the database's own catalogue. */
export const verifyInventory = Effect.fn("verifyInventory")(function* (tables: ReadonlyArray<TableDeclaration>) {
  const declared = tables.flatMap(({ table, columns }) => Object.keys(columns).map((name) => `${table}.${name}`))
  const { undeclared, missing } = catalogueDrift(declared, yield* liveColumns)
  if (undeclared.length + missing.length > 0) return yield* new InventoryDrift({ undeclared, missing })
})

/** Where a declaration and a database disagree; both empty when they agree. `table.column`, sorted. */
export interface CatalogueDrift {
  /** The database has them and nobody said what they hold. */
  readonly undeclared: ReadonlyArray<string>
  /** They were declared and are not there. */
  readonly missing: ReadonlyArray<string>
}

/** Compares columns that were declared with those that a database has, as `table.column`. */
export const catalogueDrift = (declared: ReadonlyArray<string>, live: ReadonlyArray<string>): CatalogueDrift => {
  const [said, found] = [new Set(declared), new Set(live)]
  return {
    undeclared: [...found].filter((name) => !said.has(name)).sort(),
    missing: [...said].filter((name) => !found.has(name)).sort()
  }
}

/** What to ask a database for the columns that it has now; the rows are `CatalogueColumn`s. */
export const CATALOGUE_QUERIES = {
  sqlite:
    "SELECT t.name AS table_name, c.name AS column_name FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'",
  postgres:
    "SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_schema = current_schema()"
} as const

/** A column that a database has. */
export const CatalogueColumn = Schema.Struct({ table_name: Schema.String, column_name: Schema.String })
export type CatalogueColumn = typeof CatalogueColumn.Type

const liveColumns = Effect.gen(function* () {
  const { sql, dialect } = yield* Database
  const rows = yield* sql.unsafe(CATALOGUE_QUERIES[dialect])
  const decoded = yield* Schema.decodeUnknownEffect(Schema.Array(CatalogueColumn))(rows).pipe(Effect.orDie)
  return decoded.map((row) => `${row.table_name}.${row.column_name}`)
}).pipe(orStorageFailure)
