// Where wrapped keys are kept. The vault's own store is SQL; whoever embeds the vault may bring another one.
import { Context, Effect, Layer } from "effect"
import type { KeyId } from "../blob/sealed-blob.ts"
import { type KeyName, type KeyScope, parentScope, scopeText } from "./key-scope.ts"

/** A key as it is stored: wrapped, or destroyed and only its name left. */
export interface StoredKey extends KeyName {
  /** `current` seals and opens, `retired` only opens, `destroyed` never comes back. */
  readonly state: "current" | "retired" | "destroyed"
  /** Id of the root key, or of the organisation's key for a data subject's and for blind indexes. */
  readonly wrappedBy: string
  /** Absent once destroyed. */
  readonly wrapped: Uint8Array | undefined
  /** ISO 8601. */
  readonly createdAt: string
}

/** Storage of wrapped keys. Nothing in it opens without the root key, and nothing that was sealed opens without it: back it up. */
export class KeyStore extends Context.Service<
  KeyStore,
  {
    /** The highest version of the scope, in whatever state. */
    newest(scope: KeyScope): Effect.Effect<StoredKey | undefined>
    /** All keys of the scope, the newest first, in whatever state. */
    versions(scope: KeyScope): Effect.Effect<ReadonlyArray<StoredKey>>
    byId(id: KeyId): Effect.Effect<StoredKey | undefined>
    /** Adds a key, unless its scope has that version already: of two that come at once, one is kept and the other changes nothing. */
    add(key: StoredKey): Effect.Effect<void>
    /** Ids of the root keys that wrap anything in here. */
    readonly rootKeys: Effect.Effect<ReadonlyArray<string>>
    /** True while what is read and written may still be undone (an open transaction): the keyring then remembers none of it. */
    readonly isTentative: Effect.Effect<boolean>
  }
>()("fluxcybers/vault/KeyStore") {}

/** Keys that live as long as the process: for tests, and for values that must not outlive it. What they sealed is lost with them. */
export const memoryKeyStore: Layer.Layer<KeyStore> = Layer.sync(KeyStore, () => {
  const keys = new Map<KeyId, StoredKey>()
  const ofScope = (scope: KeyScope) =>
    [...keys.values()].filter((key) => scopeText(key.scope) === scopeText(scope)).sort((a, b) => b.version - a.version)
  return KeyStore.of({
    newest: (scope) => Effect.sync(() => ofScope(scope)[0]),
    versions: (scope) => Effect.sync(() => ofScope(scope)),
    byId: (id) => Effect.sync(() => keys.get(id)),
    add: (key) =>
      Effect.sync(() => {
        if (!ofScope(key.scope).some(({ version }) => version === key.version)) keys.set(key.id, key)
      }),
    rootKeys: Effect.sync(() => {
      const wrappedByRoot = [...keys.values()].filter(({ scope }) => parentScope(scope) === undefined)
      return [...new Set(wrappedByRoot.map(({ wrappedBy }) => wrappedBy))]
    }),
    isTentative: Effect.succeed(false)
  })
})
