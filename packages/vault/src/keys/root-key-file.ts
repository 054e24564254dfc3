// The root key in a file: the provider that needs nothing else.
import { Effect, Layer } from "effect"
import { type KeyFileError, type KeyFileOptions, readOrCreateKeyFile } from "./key-file.ts"
import { localKey, localRootKey } from "./local-root-key.ts"
import { RootKey } from "./root-key.ts"

/** The root key in a file of 32 random bytes, mode 0600, owned by whoever runs this. Refuses with `KeyFileError` a file that others may read, that is a link, or that is no key. */
export const rootKeyFileLayer = (options: KeyFileOptions): Layer.Layer<RootKey, KeyFileError> =>
  Layer.effect(
    RootKey,
    Effect.map(loadRootKeyFile(options), (key) =>
      RootKey.of(localRootKey(key, { provider: "file", location: options.path }))
    )
  )

/** Reads the root key's file. */
export const loadRootKeyFile = (options: KeyFileOptions) => Effect.map(readOrCreateKeyFile(options), localKey)
