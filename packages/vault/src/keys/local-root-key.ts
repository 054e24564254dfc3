// A root key whose bytes are in this process: it seals what it wraps like everything else of the vault.
import { createHmac, createSecretKey } from "node:crypto"
import { Effect } from "effect"
import { KeyId, openBlob, type SealingKey, sealBlob, sealingKey } from "../blob/sealed-blob.ts"
import { type KeyName, wrappedKeyParts } from "./key-scope.ts"
import { type RootKeyDescription, RootKeyFailed, type RootKeyProvider } from "./root-key.ts"

const ID_LABEL = "fluxcybers/vault/v1/root-key-id"
const ID_BYTES = 12

/** The key of 32 bytes, which are wiped. Its id is a MAC under the key itself: it names the key and tells nothing about it. */
export const localKey = (bytes: Uint8Array): SealingKey => {
  const id = KeyId.make(
    createHmac("sha256", bytes)
      .update(ID_LABEL)
      .digest("hex")
      .slice(0, 2 * ID_BYTES)
  )
  const key = sealingKey({ id, version: 1 }, createSecretKey(bytes))
  bytes.fill(0)
  return key
}

export const localRootKey = (
  key: SealingKey,
  { provider, location }: Omit<RootKeyDescription, "id">
): RootKeyProvider => ({
  describe: Effect.succeed({ provider, id: key.id, location }),
  wrap: (name, bytes) => Effect.sync(() => sealBlob(bindingOf(key, name), bytes)),
  unwrap: (name, wrapped) =>
    Effect.suspend(() => {
      const opened = openBlob(bindingOf(key, name), wrapped)
      if (typeof opened !== "string") return Effect.succeed(opened)
      const reason = opened === "other-key" || opened === "wrong-key" ? "other-root-key" : "altered"
      return Effect.fail(new RootKeyFailed({ reason, rootKey: key.id, detail: location }))
    })
})

const bindingOf = (key: SealingKey, name: KeyName) =>
  ({ suite: "wrappedKey", key, parts: wrappedKeyParts(name) }) as const
