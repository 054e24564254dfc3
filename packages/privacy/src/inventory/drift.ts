// Whether the inventory says what the database has.
import type { Inventory } from "./inventory.ts"

/** A column that a database has. */
export interface CatalogueColumn {
  readonly table_name: string
  readonly column_name: string
}

/** What to ask a database for the columns that it has; the rows are `CatalogueColumn`s. */
export const CATALOGUE_QUERIES = {
  sqlite:
    "SELECT t.name AS table_name, c.name AS column_name FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'",
  postgres:
    "SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_schema = current_schema()"
} as const

/** Where the two disagree; both empty when they agree. `table.column`, sorted. */
export interface Drift {
  /** The database has them and nobody said what they hold. */
  readonly undeclared: ReadonlyArray<string>
  /** They were declared and are not there. */
  readonly missing: ReadonlyArray<string>
}

/**
 * Compares an inventory with the columns that the database has now. `ignored` tables are left out: those of a migration tool, say. Ask the
 * database with {@link CATALOGUE_QUERIES}, through whatever library you use.
 */
export const inventoryDrift = (
  { datasets }: Pick<Inventory, "datasets">,
  live: ReadonlyArray<CatalogueColumn>,
  ignored: ReadonlyArray<string> = []
): Drift => {
  const found = new Set(
    live
      .filter(({ table_name }) => !ignored.includes(table_name))
      .map((each) => `${each.table_name}.${each.column_name}`)
  )
  const declared = new Set(
    Object.entries(datasets).flatMap(([table, { columns }]) => Object.keys(columns).map((name) => `${table}.${name}`))
  )
  return {
    undeclared: [...found].filter((name) => !declared.has(name)).toSorted(),
    missing: [...declared].filter((name) => !found.has(name)).toSorted()
  }
}
