// Targets: where things run. Each has its pinned host key and the name of the secret that signs in.
import { type Actor, type OrganisationId, TargetId } from "@fluxcybers/core"
import { Context, type Effect, Schema } from "effect"

export const Target = Schema.Struct({
  id: TargetId,
  name: Schema.String,
  host: Schema.String,
  port: Schema.Int,
  account: Schema.String,
  /** Fingerprint `SHA256:…` that was confirmed when the target was added. */
  hostKey: Schema.String,
  /** Name of a secret: a private key (OpenSSH or PEM) or a password. */
  credential: Schema.String,
  tags: Schema.Array(Schema.String)
})
export type Target = typeof Target.Type

/** What was refused about which target. Nothing was changed. */
export class TargetError extends Schema.TaggedError<TargetError>()("TargetError", {
  target: Schema.String,
  reason: Schema.Literals(["unknown", "exists", "invalid"]),
  detail: Schema.String
}) {
  override get message() {
    return this.detail
  }
}

export interface TargetSettings {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly account: string
  readonly hostKey: string
  readonly credential: string
  readonly tags: ReadonlyArray<string>
}

interface Acting {
  readonly organisation: OrganisationId
  readonly actor: Actor
}

/** Audit entries: `target.added`, `target.changed`, `target.removed`. Names are unique within an organisation. */
export class Targets extends Context.Service<
  Targets,
  {
    add(input: Acting & { readonly settings: TargetSettings }): Effect.Effect<Target, TargetError>
    list(organisation: OrganisationId): Effect.Effect<ReadonlyArray<Target>>
    /** By name or by id. */
    get(organisation: OrganisationId, target: string): Effect.Effect<Target, TargetError>
    change(
      input: Acting & { readonly target: string; readonly settings: Partial<TargetSettings> }
    ): Effect.Effect<Target, TargetError>
    remove(input: Acting & { readonly target: string }): Effect.Effect<void, TargetError>
  }
>()("fluxcybers/executor/Targets") {}
