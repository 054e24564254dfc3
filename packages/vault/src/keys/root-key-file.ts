// The root key in a file: the provider that needs nothing else.
import { createHmac, createSecretKey } from "node:crypto"
import { Effect, Layer } from "effect"
import { KeyId, openBlob, type SealingKey, sealBlob, sealingKey } from "../blob/sealed-blob.ts"
import { type KeyFileError, type KeyFileOptions, readOrCreateKeyFile } from "./key-file.ts"
import { type KeyName, wrappedKeyParts } from "./key-scope.ts"
import { RootKey, RootKeyFailed } from "./root-key.ts"

const ID_LABEL = "fluxcybers/vault/v1/root-key-id"
const ID_BYTES = 12

/** The root key in a file of 32 random bytes, mode 0600, owned by whoever runs this. Refuses with `KeyFileError` a file that others may read, that is a link, or that is no key. */
export const rootKeyFileLayer = (options: KeyFileOptions): Layer.Layer<RootKey, KeyFileError> =>
  Layer.effect(
    RootKey,
    Effect.map(loadRootKeyFile(options), (key) => RootKey.of(rootKeyOf(key, options.path)))
  )

/** Reads the root key's file. The id of the key is a MAC under the key itself: it names the key and tells nothing about it. */
export const loadRootKeyFile = Effect.fnUntraced(function* (options: KeyFileOptions) {
  const bytes = yield* readOrCreateKeyFile(options)
  const id = KeyId.make(
    createHmac("sha256", bytes)
      .update(ID_LABEL)
      .digest("hex")
      .slice(0, 2 * ID_BYTES)
  )
  const key = sealingKey({ id, version: 1 }, createSecretKey(bytes))
  bytes.fill(0)
  return key
})

const rootKeyOf = (key: SealingKey, location: string): RootKey["Service"] => ({
  describe: Effect.succeed({ provider: "file", id: key.id, location }),
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
