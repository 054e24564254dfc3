// How a run can go wrong, other than by the command's own exit status.
import { SecretDenied } from "@fluxcybers/core"
import { Schema } from "effect"

/** No connection: refused, timed out, or no such host. Nothing was started. */
export class TargetUnreachable extends Schema.TaggedError<TargetUnreachable>()("TargetUnreachable", {
  target: Schema.String,
  /**
   * `ECONNREFUSED`, `ENOTFOUND` and the like; `timeout`; `dropped` before signing in; `no-common-algorithm`. From a jump host:
   * `connect-failed`, `forwarding-prohibited`.
   */
  code: Schema.String,
  /** The jump host through which it was tried. */
  through: Schema.optionalKey(Schema.String)
}) {
  override get message() {
    const way = this.through === undefined ? "" : ` through "${this.through}"`
    return `Target "${this.target}" could not be reached${way} (${this.code}). Nothing was started. Check its address and port, and that its server is running.`
  }
}

/** The host showed another key than the pinned one. Nothing was started. */
export class HostKeyMismatch extends Schema.TaggedError<HostKeyMismatch>()("HostKeyMismatch", {
  target: Schema.String,
  expected: Schema.String,
  actual: Schema.String,
  /** Why its certificate does not prove it, where an authority is pinned. */
  why: Schema.optionalKey(Schema.String)
}) {
  override get message() {
    if (this.why !== undefined)
      return `Target "${this.target}" shows the host key ${this.actual}, and ${this.why}; host keys certified by ${this.expected.replace(/^cert-authority:/, "")} are accepted. Nothing was started. Renew the certificate on the host, or compare its key there and pin it.`
    return `Target "${this.target}" shows the host key ${this.actual}, but ${this.expected} is pinned. Nothing was started. If the host was set up anew, compare the new fingerprint there and pin it; otherwise somebody may stand in between.`
  }
}

/** The host did not accept the credential. Nothing was started. */
export class AuthenticationRefused extends Schema.TaggedError<AuthenticationRefused>()("AuthenticationRefused", {
  target: Schema.String,
  account: Schema.String
}) {
  override get message() {
    return `Target "${this.target}" did not accept the credential for the account "${this.account}". Nothing was started. Check the account, and that it knows this key or password.`
  }
}

/** The credential is neither a private key that can be read nor a password, or a secret is no text. Nothing was started. */
export class CredentialMalformed extends Schema.TaggedError<CredentialMalformed>()("CredentialMalformed", {
  secret: Schema.String,
  /** What is wrong with it and what to do, never a part of it. */
  detail: Schema.String
}) {
  override get message() {
    return `Secret "${this.secret}" cannot be used: ${this.detail} Nothing was started.`
  }
}

/** The command could not be started: no such program, no such folder, channel refused. */
export class StartRefused extends Schema.TaggedError<StartRefused>()("StartRefused", { detail: Schema.String }) {
  override get message() {
    return `The command was not started: ${this.detail}`
  }
}

/** The connection broke after the start: nobody knows how it ended. */
export class ConnectionLost extends Schema.TaggedError<ConnectionLost>()("ConnectionLost", { target: Schema.String }) {
  override get message() {
    return `The connection to target "${this.target}" broke after the command had started; nobody knows how it ended. Look there before you run it again.`
  }
}

/** The command was told to stop and went on, or nobody could see whether it stopped: it may still run. */
export class StopUnconfirmed extends Schema.TaggedError<StopUnconfirmed>()("StopUnconfirmed", {
  /** Name of the target; `local` for this host. */
  target: Schema.String
}) {
  override get message() {
    return `The command on "${this.target}" was told to stop, but it may still run. Look there.`
  }
}

/** The plugin that ran it crashed, or was ended for what it did: nobody knows how far it came. */
export class PluginBroke extends Schema.TaggedError<PluginBroke>()("PluginBroke", {
  /** What happened to it. Part of it may be the plugin's own words. */
  detail: Schema.String
}) {
  override get message() {
    return `The plugin broke down after the start: ${this.detail} Nobody knows how far it came. Look there before you run it again.`
  }
}

/** Every way a run can go wrong; each has a message for a person. */
export const RunFailure = Schema.Union([
  TargetUnreachable,
  HostKeyMismatch,
  AuthenticationRefused,
  CredentialMalformed,
  StartRefused,
  ConnectionLost,
  StopUnconfirmed,
  PluginBroke,
  SecretDenied
])
export type RunFailure = typeof RunFailure.Type

/**
 * A run that did not come to an exit status. `ConnectionLost`, `StopUnconfirmed` and `PluginBroke` leave the outcome unknown; with every other reason
 * nothing was started. A run that is interrupted fails with `StopUnconfirmed` beside the interruption when its command may still run.
 */
export class RunError extends Schema.TaggedError<RunError>()("RunError", {
  executor: Schema.String,
  reason: RunFailure
}) {
  override get message() {
    return this.reason.message
  }
}
