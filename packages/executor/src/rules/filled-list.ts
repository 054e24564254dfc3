import { Schema } from "effect"

/** A list that is not empty: an empty one would hold for nothing, which nobody means. */
export const filledList = <S extends Schema.Top>(item: S) =>
  Schema.Array(item).check(Schema.isMinLength(1, { expected: "a list of at least one" }))
