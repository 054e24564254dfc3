import { Schema } from "effect"

/** The rules were not put in force, or there are none by this version. Nothing was changed. */
export class RulesRefused extends Schema.TaggedError<RulesRefused>()("RulesRefused", {
  reason: Schema.Literals(["invalid", "examples", "changed", "not-a-person", "unknown-version", "too-large"]),
  detail: Schema.String
}) {
  override get message() {
    return this.detail
  }
}
