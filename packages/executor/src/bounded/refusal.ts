// Why a bounded grant was not requested, decided, or revoked.
import { Effect, Schema } from "effect"

/** Nothing was changed. */
export class BoundedGrantRefused extends Schema.TaggedError<BoundedGrantRefused>()("BoundedGrantRefused", {
  reason: Schema.Literals([
    "invalid",
    "refused-by-rule",
    "signature",
    "unknown",
    "not-a-person",
    "role",
    "not-pending",
    "digest",
    "ended"
  ]),
  detail: Schema.String
}) {
  override get message() {
    return this.detail
  }
}

export const boundedRefused = (reason: BoundedGrantRefused["reason"], detail: string) =>
  Effect.fail(new BoundedGrantRefused({ reason, detail: `${detail} Nothing was changed.` }))
