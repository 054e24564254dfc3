// The root key in a file: the provider that needs nothing else.
import { createHmac, createSecretKey } from "node:crypto"
import { Effect, Layer } from "effect"
import { KeyId, openBlob, type SealingKey, sealBlob, sealingKey } from "../blob/sealed-blob.ts"
import { createKeyFile, type KeyFileError, readKeyFile } from "./key-file.ts"
import { type KeyName, wrappedKeyParts } from "./key-scope.ts"
import { RootKey, RootKeyFailed } from "./root-key.ts"

const ID_LABEL = "fluxcybers/vault/v1/root-key-id"
const ID_BYTES = 12

export interface RootKeyFileOptions {
  /** A file of 32 random bytes, mode 0600, owned by whoever runs this. */
  readonly path: string
  /** Makes the file when it is missing, for a first start. False unless told: a lost key must be noticed, not replaced. */
  readonly createIfMissing?: boolean
}

/** The root key in a file. Refuses with `KeyFileError` a file that others may read, that is a link, or that is no key. */
export const rootKeyFileLayer = (options: RootKeyFileOptions): Layer.Layer<RootKey, KeyFileError> =>
  Layer.effect(
    RootKey,
    Effect.map(loadRootKeyFile(options), (key) => RootKey.of(rootKeyOf(key, options.path)))
  )

/** Reads the root key's file. The id of the key is a MAC under the key itself: it names the key and tells nothing about it. */
export const loadRootKeyFile = Effect.fnUntraced(function* ({ path, createIfMissing = false }: RootKeyFileOptions) {
  const read = readKeyFile(path)
  const bytes = yield* createIfMissing ? Effect.catchIf(read, isMissing, () => createAndRead(path)) : read
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

const isMissing = (error: KeyFileError): boolean => error.reason === "missing"

/** Two processes may start for the first time at once: the file of the first one counts. */
const createAndRead = (path: string) =>
  createKeyFile(path).pipe(
    Effect.catchIf(
      (error) => error.reason === "exists",
      () => Effect.void
    ),
    Effect.andThen(readKeyFile(path))
  )

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
