// What the columns of the executor's tables have in common.
import { type ColumnDeclaration, IntegerColumn, technicalColumn } from "@fluxcybers/core"
import { Schema } from "effect"

/** The history of commands (policy P1.1), kept for the execution log's period. */
export const history = (protection: ColumnDeclaration["protection"], subject?: string): ColumnDeclaration => ({
  category: "history",
  protection,
  purposes: ["service-delivery", "security-monitoring"],
  basis: "contract",
  retention: "execution-log",
  ...(subject === undefined ? {} : { subject })
})

export const text = technicalColumn(Schema.String)
export const optionalText = technicalColumn(Schema.NullOr(Schema.String))
export const integer = technicalColumn(IntegerColumn)
export const optionalInteger = technicalColumn(Schema.NullOr(IntegerColumn))
