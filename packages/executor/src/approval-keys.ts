// The keys that approvers sign with. Who keeps them is the host; without a host that does, nobody can sign.
import type { ApprovalKeyId, OrganisationId, PersonId } from "@fluxcybers/core"
import { Context, Effect } from "effect"

/** An SSH key in the form of RFC 4253 §6.6, or a passkey's public key (DER, SubjectPublicKeyInfo) with where it is used. */
export type ApprovalKey = { readonly id: ApprovalKeyId; readonly publicKey: Uint8Array } & (
  | { readonly kind: "ssh-key" }
  | { readonly kind: "passkey"; readonly rpId: string; readonly origin: string }
)

/** Whose key it must be, and which: the public key itself, or the id that the authenticator gave the passkey. */
export interface WantedKey {
  readonly organisation: OrganisationId
  readonly person: PersonId
  readonly key: { readonly publicKey: Uint8Array } | { readonly credential: string }
}

/** Both are called in the transaction of the decision, so that a key that is being revoked is revoked before or after it. */
export const ApprovalKeys = Context.Reference<{
  /** The person's own key, registered and not revoked. */
  readonly find: (wanted: WantedKey) => Effect.Effect<ApprovalKey | undefined>
  /** Remembers the passkey's counter; false when it did not grow, as after somebody copied the key. */
  readonly count: (key: ApprovalKeyId, counter: number) => Effect.Effect<boolean>
}>("fluxcybers/executor/ApprovalKeys", {
  defaultValue: () => ({ find: () => Effect.undefined, count: () => Effect.succeed(false) })
})
