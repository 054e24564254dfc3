// How a run can go wrong, other than by the command's own exit status.
import { SecretDenied } from "@fluxcybers/core"
import { Schema } from "effect"

/** No connection: refused, timed out, or no such host. Nothing was started. */
export class TargetUnreachable extends Schema.TaggedError<TargetUnreachable>()("TargetUnreachable", {
  target: Schema.String,
  code: Schema.String
}) {}

/** The host showed another key than the pinned one. Nothing was started. */
export class HostKeyMismatch extends Schema.TaggedError<HostKeyMismatch>()("HostKeyMismatch", {
  target: Schema.String,
  expected: Schema.String,
  actual: Schema.String
}) {}

/** The host did not accept the credential. Nothing was started. */
export class AuthenticationRefused extends Schema.TaggedError<AuthenticationRefused>()("AuthenticationRefused", {
  target: Schema.String,
  account: Schema.String
}) {}

/** The credential is neither a private key that can be read nor a password. Nothing was started. */
export class CredentialMalformed extends Schema.TaggedError<CredentialMalformed>()("CredentialMalformed", {
  secret: Schema.String,
  detail: Schema.String
}) {}

/** The command could not be started: no such program, no such folder, channel refused. */
export class StartRefused extends Schema.TaggedError<StartRefused>()("StartRefused", { detail: Schema.String }) {}

/** The connection broke after the start: nobody knows how it ended. */
export class ConnectionLost extends Schema.TaggedError<ConnectionLost>()("ConnectionLost", { target: Schema.String }) {}

export const RunFailure = Schema.Union([
  TargetUnreachable,
  HostKeyMismatch,
  AuthenticationRefused,
  CredentialMalformed,
  StartRefused,
  ConnectionLost,
  SecretDenied
])

/** A run that did not come to an exit status. Only `ConnectionLost` leaves the outcome unknown. */
export class RunError extends Schema.TaggedError<RunError>()("RunError", {
  executor: Schema.String,
  reason: RunFailure
}) {}
