// Datasets from the Effect Schemas of rows, declared where the fields are.
import { Schema } from "effect"
import { type Dataset, InvalidInventory, type PersonalColumn, TECHNICAL } from "./inventory.ts"

const ANNOTATION = "fluxcybers/privacy/column"

/** Declares what a field of a row's schema holds. */
export const personal = <S extends Schema.Top>(schema: S, column: PersonalColumn): S["Rebuild"] =>
  schema.annotate({ [ANNOTATION]: column })

/** Declares that a field says nothing about anybody. */
export const technical = <S extends Schema.Top>(schema: S): S["Rebuild"] => schema.annotate({ [ANNOTATION]: TECHNICAL })

/** The dataset of rows with this schema. Throws {@link InvalidInventory} that names the fields that nobody declared. */
export const schemaDataset = (
  row: Schema.Struct<Schema.Struct.Fields>,
  about: Pick<Dataset, "title" | "subjects">
): Dataset => {
  const declared = Object.entries(row.fields).map(([name, field]) => ({
    name,
    column: Schema.resolveAnnotations(field)?.[ANNOTATION] as PersonalColumn | typeof TECHNICAL | undefined
  }))
  const missing = declared.filter(({ column }) => column === undefined)
  if (missing.length > 0) {
    throw new InvalidInventory(
      missing.map(({ name }) => `${about.title}, ${name}: wrap its schema in personal() or technical()`)
    )
  }
  return { ...about, columns: Object.fromEntries(declared.map(({ name, column }) => [name, column!])) }
}
