// What the executor asks its host for: the vault's secrets, and the organisation's people.
import { SecretDenied } from "@fluxcybers/core"
import { Members, SecretSource } from "@fluxcybers/executor"
import { type SecretError, Secrets } from "@fluxcybers/vault"
import { Effect, Layer } from "effect"
import { MemberRegister } from "./data/members.ts"

export const membersLayer: Layer.Layer<Members, never, MemberRegister> = Layer.effect(
  Members,
  Effect.map(MemberRegister, (register) =>
    Members.of({
      list: (organisation) =>
        Effect.map(register.roles(organisation), (rows) => rows.map(({ person, roles }) => ({ person, roles })))
    })
  )
)

export const secretSourceLayer: Layer.Layer<SecretSource, never, Secrets> = Layer.effect(
  SecretSource,
  Effect.map(Secrets, (secrets) =>
    SecretSource.of({
      version: (organisation, name) =>
        secrets.current({ organisation, name }).pipe(
          Effect.map(({ version }) => version),
          Effect.mapError(denied)
        ),
      reveal: (request) =>
        secrets.reveal(request).pipe(
          Effect.map(({ value }) => value),
          Effect.mapError(denied)
        )
    })
  )
)

const denied = ({ secret, reason }: SecretError): SecretDenied => new SecretDenied({ secret, reason: REASONS[reason] })

const REASONS: Readonly<Record<SecretError["reason"], SecretDenied["reason"]>> = {
  exists: "unknown",
  unknown: "unknown",
  destroyed: "destroyed",
  expired: "expired",
  "version-unknown": "version-changed",
  "too-large": "unknown",
  empty: "unknown",
  "invalid-name": "unknown",
  "invalid-expiry": "unknown",
  "invalid-purpose": "unknown",
  "too-many": "unknown",
  "cannot-open": "cannot-open",
  "rolled-back": "version-changed"
}
