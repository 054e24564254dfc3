// Whether the inventory says what the database has.
import { type CatalogueColumn, type CatalogueDrift, catalogueDrift } from "@fluxcybers/core"
import type { Inventory } from "./inventory.ts"

/**
 * Compares an inventory with the columns that the database has now. `ignored` tables are left out: those of a migration tool, say. Ask the
 * database with `CATALOGUE_QUERIES` of `@fluxcybers/core`, through whatever library you use.
 */
export const inventoryDrift = (
  { datasets }: Pick<Inventory, "datasets">,
  live: ReadonlyArray<CatalogueColumn>,
  ignored: ReadonlyArray<string> = []
): CatalogueDrift =>
  catalogueDrift(
    Object.entries(datasets).flatMap(([table, { columns }]) => Object.keys(columns).map((name) => `${table}.${name}`)),
    live
      .filter(({ table_name }) => !ignored.includes(table_name))
      .map(({ table_name, column_name }) => `${table_name}.${column_name}`)
  )
