// What a running executor may read: the secrets that its approved plan names, in the versions that were approved, nothing else.
import { Context, type Effect, type Redacted, Schema } from "effect"

/** A secret was not given: not named in the plan, unknown, destroyed, or not in the approved version. Says which, never a value. */
export class SecretDenied extends Schema.TaggedError<SecretDenied>()("SecretDenied", {
  secret: Schema.String,
  reason: Schema.Literals(["not-in-plan", "unknown", "destroyed", "version-changed", "expired", "cannot-open"])
}) {
  override get message() {
    return `Secret "${this.secret}" was not given to the run (${this.reason}). Nothing ran with it.`
  }
}

/** Reads secrets by name, in the approved version. Each read is in the audit log. */
export class SecretReader extends Context.Service<
  SecretReader,
  {
    reveal(name: string): Effect.Effect<Redacted.Redacted<Uint8Array>, SecretDenied>
  }
>()("fluxcybers/core/SecretReader") {}
