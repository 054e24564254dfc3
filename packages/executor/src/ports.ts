// What the executor needs from whoever hosts it.
import type { Actor, OrganisationId, PersonId, Role, SecretDenied } from "@fluxcybers/core"
import { Context, type Effect, type Redacted } from "effect"

/** Where the secrets that a plan names come from: the vault, or an embedder's own store. */
export class SecretSource extends Context.Service<
  SecretSource,
  {
    /** The version that a plan made now would pin. */
    version(organisation: OrganisationId, name: string): Effect.Effect<number, SecretDenied>
    reveal(request: {
      readonly organisation: OrganisationId
      readonly actor: Actor
      readonly name: string
      readonly version: number
      readonly purpose: string
    }): Effect.Effect<Redacted.Redacted<Uint8Array>, SecretDenied>
  }
>()("fluxcybers/executor/SecretSource") {}

/** The people of an organisation and their roles: who there is decides which rule set applies, and who may decide. */
export class Members extends Context.Service<
  Members,
  {
    list(
      organisation: OrganisationId
    ): Effect.Effect<ReadonlyArray<{ readonly person: PersonId; readonly roles: ReadonlyArray<Role> }>>
  }
>()("fluxcybers/executor/Members") {}
