// The root key of a server, from its settings.
import {
  type KeyFileError,
  type RootKey,
  RootKeyFailed,
  readPrivateFile,
  rootKeyFileLayer,
  rootKeyPassphraseLayer,
  rootKeysLayer,
  rootKeyTransitLayer
} from "@fluxcybers/vault"
import { Effect, Layer, Redacted } from "effect"
import type { Settings } from "./configuration.ts"
import type { DataDirectory } from "./data/data-directory.ts"
import type { RootKeySetting } from "./root-key-setting.ts"

const PASSPHRASE_BYTES_MAX = 4_096

type RootKeyLayer = Layer.Layer<RootKey, KeyFileError | RootKeyFailed>

/** Key files are made at the very first start, and for a root key that takes over from another one. */
export const rootKeyLayer = (
  { rootKey, previousRootKey }: Settings,
  directory: DataDirectory,
  isFirstStart: boolean
): RootKeyLayer => {
  const createIfMissing = isFirstStart || previousRootKey !== undefined
  const current = layerOf(rootKey, { directory, createIfMissing })
  if (previousRootKey === undefined) return current
  return rootKeysLayer({ current, previous: layerOf(previousRootKey, { directory, createIfMissing: false }) })
}

const layerOf = (
  setting: RootKeySetting,
  { directory, createIfMissing }: { readonly directory: DataDirectory; readonly createIfMissing: boolean }
): RootKeyLayer => {
  switch (setting.provider) {
    case "file":
      return rootKeyFileLayer({ path: setting.path ?? directory.rootKey, createIfMissing })
    case "passphrase":
      return Layer.unwrap(
        Effect.map(readPrivateFile(setting.passphraseFile, PASSPHRASE_BYTES_MAX), (bytes) => {
          const passphrase = Redacted.make(bytes.toString("utf8").replace(/\r?\n$/, ""))
          return rootKeyPassphraseLayer({ path: directory.passphraseSalt, passphrase, createIfMissing })
        })
      )
    case "aws-kms":
      return Layer.unwrap(Effect.map(awsKms(setting.keyId), (layer) => layer({ keyId: setting.keyId })))
    case "transit": {
      const { provider: _, namespace, tokenFile, ...key } = setting
      return rootKeyTransitLayer({
        ...key,
        token: { file: tokenFile },
        ...(namespace === undefined ? {} : { namespace })
      })
    }
  }
}

/** The SDK is loaded by whoever uses it, and installed by them. */
const awsKms = (keyId: string) =>
  Effect.tryPromise({
    try: () => import("@fluxcybers/vault/aws-kms"),
    catch: () =>
      new RootKeyFailed({ reason: "unusable", rootKey: keyId, detail: "run npm install @aws-sdk/client-kms" })
  }).pipe(Effect.map(({ rootKeyAwsKmsLayer }) => rootKeyAwsKmsLayer))
