// The root key: the one key that is not in the database. It wraps the keys of organisations and of the system, nothing else, and may
// live in a file, a passphrase or a key service: whoever can wrap and unwrap is a provider.
import { Context, type Effect, Schema } from "effect"
import type { KeyName } from "./key-scope.ts"

/** The root key did not do its work. Nothing was changed. */
export class RootKeyFailed extends Schema.TaggedError<RootKeyFailed>()("RootKeyFailed", {
  reason: Schema.Literals(["other-root-key", "altered", "unavailable"]),
  /** The root key that was asked. */
  rootKey: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `${EXPLANATIONS[this.reason]} (root key ${this.rootKey}: ${this.detail}). Nothing was changed.`
  }
}

const EXPLANATIONS = {
  "other-root-key": "A key of this database is wrapped by another root key",
  altered: "A wrapped key of this database was altered",
  unavailable: "The root key cannot be reached"
} as const

/** What may be told about a root key. */
export interface RootKeyDescription {
  /** `file`, or the name of a key service. */
  readonly provider: string
  /** Names the key without telling anything about it. The database stores it with each key that it wraps. */
  readonly id: string
  /** Where a person finds it. */
  readonly location: string
}

/** A provider of the root key. It must bind what it wraps to the key's whole name: under another name it must not unwrap. */
export class RootKey extends Context.Service<
  RootKey,
  {
    readonly describe: Effect.Effect<RootKeyDescription, RootKeyFailed>
    wrap(name: KeyName, key: Uint8Array): Effect.Effect<Uint8Array, RootKeyFailed>
    /** 32 bytes; the caller wipes them. */
    unwrap(name: KeyName, wrapped: Uint8Array): Effect.Effect<Uint8Array, RootKeyFailed>
  }
>()("fluxcybers/vault/RootKey") {}
