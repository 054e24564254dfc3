// The root key: the one key that is not in the database. It wraps the keys of organisations and of the system, nothing else, and may
// live in a file, a passphrase or a key service: whoever can wrap and unwrap is a provider.
import { Context, Effect, Layer, Schema } from "effect"
import type { KeyName } from "./key-scope.ts"

/** The root key did not do its work. Nothing was changed. */
export class RootKeyFailed extends Schema.TaggedError<RootKeyFailed>()("RootKeyFailed", {
  reason: Schema.Literals(["other-root-key", "altered", "unavailable", "denied", "unusable"]),
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
  unavailable: "The root key cannot be reached",
  denied: "The root key's service refuses: give this server the permission to encrypt, decrypt and describe",
  unusable: "The root key cannot be used as it is configured"
} as const

/** What may be told about a root key. */
export interface RootKeyDescription {
  /** `file`, `passphrase`, or the name of a key service. */
  readonly provider: string
  /** Names the key without telling anything about it. The database stores it with each key that it wraps. */
  readonly id: string
  /** Where a person finds it. */
  readonly location: string
}

/** Whoever can wrap and unwrap. It must bind what it wraps to the key's whole name: under another name it must not unwrap. */
export interface RootKeyProvider {
  readonly describe: Effect.Effect<RootKeyDescription, RootKeyFailed>
  wrap(name: KeyName, key: Uint8Array): Effect.Effect<Uint8Array, RootKeyFailed>
  /** 32 bytes; the caller wipes them. */
  unwrap(name: KeyName, wrapped: Uint8Array): Effect.Effect<Uint8Array, RootKeyFailed>
}

/** The root key that wraps what is new, and the ones before it. */
export class RootKey extends Context.Service<
  RootKey,
  RootKeyProvider & {
    /** They only unwrap, until the rotation of the root key has wrapped everything anew. */
    readonly previous?: ReadonlyArray<RootKeyProvider>
  }
>()("fluxcybers/vault/RootKey") {}

/** Two root keys at once: `current` wraps what is new, `previous` still unwraps what it wrapped. For moving from one to the other. */
export const rootKeysLayer = <E, R, E2, R2>(keys: {
  readonly current: Layer.Layer<RootKey, E, R>
  readonly previous: Layer.Layer<RootKey, E2, R2>
}): Layer.Layer<RootKey, E | E2, R | R2> =>
  Layer.effect(
    RootKey,
    Effect.gen(function* () {
      // Each is built by itself: both are the same service.
      const current = Context.get(yield* Layer.build(Layer.fresh(keys.current)), RootKey)
      const previous = Context.get(yield* Layer.build(Layer.fresh(keys.previous)), RootKey)
      return RootKey.of({ ...current, previous: [previous, ...(previous.previous ?? [])] })
    })
  )

/** Every root key that is here, by its id. */
export const rootKeyProviders = Effect.fnUntraced(function* ({ previous = [], ...current }: RootKey["Service"]) {
  const found = new Map<string, RootKeyProvider>()
  for (const provider of [...previous, current]) found.set((yield* provider.describe).id, provider)
  return found
})
