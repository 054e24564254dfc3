// Makes the keys of scopes and unwraps them: an organisation's and the system's under the root key, a data subject's under the
// organisation's. They are random, never derived: a key that could be computed again could not be destroyed.
import { createSecretKey, randomBytes } from "node:crypto"
import { DateTime, Effect, Result, Schema } from "effect"
import { blobHeader, KeyId, openBlob, type SealingKey, sealBlob, sealingKey } from "../blob/sealed-blob.ts"
import { KEY_BYTES } from "./key-file.ts"
import { type KeyName, type KeyScope, parentScope, wrappedKeyParts } from "./key-scope.ts"
import type { StoredKey } from "./key-store.ts"
import { RootKey, type RootKeyFailed, rootKeyProviders } from "./root-key.ts"

/** A key of the vault cannot be had. Nothing was changed. */
export class KeyUnavailable extends Schema.TaggedError<KeyUnavailable>()("KeyUnavailable", {
  key: Schema.String,
  reason: Schema.Literals(["unknown", "destroyed", "altered"])
}) {
  override get message() {
    return `${UNAVAILABLE[this.reason].replace("%", this.key)} Nothing was changed.`
  }
}

const UNAVAILABLE = {
  unknown: "The vault has no key % for this value.",
  destroyed: "The key % was destroyed: what it sealed can never be read again.",
  altered: "The wrapped key % did not open: it was altered, or moved from another scope."
} as const

const KEY_ID_BYTES = 12

export const newKeyId = (): KeyId => KeyId.make(randomBytes(KEY_ID_BYTES).toString("hex"))

type FindKey = (scope: KeyScope, id: KeyId) => Effect.Effect<SealingKey, KeyUnavailable>

export const makeScopeKeys = Effect.fnUntraced(function* (find: FindKey) {
  const root = yield* RootKey
  const rootKey = yield* root.describe
  const providers = yield* rootKeyProviders(root)

  /** A new key. `parent` wraps it; the root key when there is none. */
  const make = Effect.fnUntraced(function* (scope: KeyScope, parent: SealingKey | undefined, version = 1) {
    const name: KeyName = { id: newKeyId(), version, scope }
    const bytes = randomBytes(KEY_BYTES)
    const wrapped = yield* Effect.ensuring(
      parent === undefined
        ? Effect.orDie(root.wrap(name, bytes))
        : Effect.sync(() => sealBlob(wrapping(parent, name), bytes)),
      wiped(bytes)
    )
    const createdAt = DateTime.formatIso(yield* DateTime.now)
    const key: StoredKey = { ...name, state: "current", wrappedBy: parent?.id ?? rootKey.id, wrapped, createdAt }
    return key
  })

  const unwrap = Effect.fnUntraced(function* (stored: StoredKey) {
    if (stored.wrapped === undefined) return yield* new KeyUnavailable({ key: stored.id, reason: "destroyed" })
    const parent = parentScope(stored.scope)
    const bytes = yield* parent === undefined
      ? unwrapUnderRoot(stored, stored.wrapped)
      : unwrapUnderOrganisation(parent, stored, stored.wrapped)
    return yield* keyOf(stored, bytes)
  })

  /** A row that names a root key which is not here goes to the newest one, which refuses it. */
  const unwrapUnderRoot = (stored: StoredKey, wrapped: Uint8Array) =>
    (providers.get(stored.wrappedBy) ?? root)
      .unwrap(stored, wrapped)
      .pipe(Effect.catch((error) => refusal(stored.id, error)))

  const unwrapUnderOrganisation = Effect.fnUntraced(function* (
    organisation: KeyScope,
    name: KeyName,
    wrapped: Uint8Array
  ) {
    const altered = new KeyUnavailable({ key: name.id, reason: "altered" })
    const header = blobHeader(wrapped)
    if (Result.isFailure(header)) return yield* altered
    const parent = yield* find(organisation, header.success.keyId)
    const bytes = openBlob(wrapping(parent, name), wrapped)
    return typeof bytes === "string" ? yield* altered : bytes
  })

  return { make, unwrap }
})

const keyOf = (name: KeyName, bytes: Uint8Array): Effect.Effect<SealingKey> =>
  Effect.ensuring(
    Effect.sync(() => sealingKey(name, createSecretKey(bytes))),
    wiped(bytes)
  )

/** An unwrapped key is overwritten as soon as node:crypto has it, whatever comes of it. */
export const wiped = (bytes: Uint8Array): Effect.Effect<void> => Effect.sync(() => void bytes.fill(0))

/** A root key that is another one, or out of reach, is broken storage; an altered row is what a caller may meet. */
const refusal = (key: KeyId, error: RootKeyFailed): Effect.Effect<never, KeyUnavailable> =>
  error.reason === "altered" ? Effect.fail(new KeyUnavailable({ key, reason: "altered" })) : Effect.die(error)

export const wrapping = (key: SealingKey, name: KeyName) =>
  ({ suite: "wrappedKey", key, parts: wrappedKeyParts(name) }) as const
