// Instants as they come in.
import { Schema } from "effect"

/** As entries have it, so that texts compare like instants. */
export const Instant = Schema.String.check(
  Schema.isPattern(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/, {
    expected: "an instant like 2027-01-31T08:00:00.000Z"
  }),
  Schema.makeFilter((text: string) => !Number.isNaN(Date.parse(text)), { expected: "an instant that exists" })
)
