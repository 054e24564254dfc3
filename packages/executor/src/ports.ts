// What the executor needs from whoever hosts it.
import { type Actor, type OrganisationId, type PersonId, type Role, SecretDenied } from "@fluxcybers/core"
import { Context, Effect, Layer, type Redacted } from "effect"

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
>()("fluxcybers/executor/SecretSource") {
  /** For hosts without secrets: there is none by any name. */
  static readonly none: Layer.Layer<SecretSource> = Layer.succeed(SecretSource, {
    version: (_, name) => unknown(name),
    reveal: ({ name }) => unknown(name)
  })
}

const unknown = (secret: string) => Effect.fail(new SecretDenied({ secret, reason: "unknown" }))

/** The people of an organisation and their roles: who there is decides which rule set applies, and who may decide. */
export class Members extends Context.Service<
  Members,
  {
    list(
      organisation: OrganisationId
    ): Effect.Effect<ReadonlyArray<{ readonly person: PersonId; readonly roles: ReadonlyArray<Role> }>>
  }
>()("fluxcybers/executor/Members") {}
