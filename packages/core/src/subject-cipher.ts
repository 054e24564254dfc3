// How packages other than the vault protect what they store: sealed under the organisation's key, or under a data subject's, and
// bound to the place where it is stored.
import { Context, type Effect, Schema } from "effect"
import type { OrganisationId } from "./ids.ts"

/** Where a sealed value belongs. All of it is authenticated: a value that was moved to another place does not open. */
export interface SealedPlace {
  readonly organisation: OrganisationId
  readonly table: string
  readonly column: string
  readonly row: string
  /** The pseudonym of the data subject whose key seals the value; the organisation's key when left out. */
  readonly subject?: string
}

/** A sealed value did not open, or its key is gone. Deliberately says no more. */
export class CipherFailed extends Schema.TaggedError<CipherFailed>()("CipherFailed", {
  reason: Schema.Literals(["cannot-open", "key-destroyed"])
}) {
  override get message() {
    return this.reason === "key-destroyed"
      ? "The key of this value was destroyed: it can never be read again."
      : "A sealed value did not open. It was altered, moved, or sealed with another root key."
  }
}

/** Seals fields for storage and opens them again. */
export class SubjectCipher extends Context.Service<
  SubjectCipher,
  {
    seal(place: SealedPlace, plaintext: Uint8Array): Effect.Effect<Uint8Array>
    open(place: SealedPlace, sealed: Uint8Array): Effect.Effect<Uint8Array, CipherFailed>
  }
>()("fluxcybers/core/SubjectCipher") {}
