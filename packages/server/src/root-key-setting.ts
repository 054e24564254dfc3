// Which root key a server uses, as one line of its settings: `file`, `file:PATH`, `passphrase`, `aws-kms:KEY`, `transit:ADDRESS/MOUNT/KEY`.

/** Where the root key is. */
export type RootKeySetting =
  | { readonly provider: "file"; readonly path: string | undefined }
  | { readonly provider: "passphrase"; readonly passphraseFile: string }
  | { readonly provider: "aws-kms"; readonly keyId: string }
  | {
      readonly provider: "transit"
      readonly address: string
      readonly mount: string
      readonly key: string
      readonly namespace: string | undefined
      readonly tokenFile: string
    }

/** What a provider needs besides its line. */
export interface RootKeyFiles {
  readonly passphraseFile: string | undefined
  readonly transitTokenFile: string | undefined
  readonly transitNamespace: string | undefined
}

export const ROOT_KEY_IN_DIRECTORY: RootKeySetting = { provider: "file", path: undefined }

/** The setting, or what is wrong with it. */
export const rootKeySetting = (text: string, files: RootKeyFiles): RootKeySetting | string => {
  const [provider, rest] = [/^[^:]*/.exec(text)?.[0], /:(.+)$/.exec(text)?.[1]]
  switch (provider) {
    case "file":
      return { provider, path: rest }
    case "passphrase":
      return files.passphraseFile === undefined
        ? "a passphrase needs FLUXCYBERS_PASSPHRASE_FILE, a file of mode 0600 that holds it"
        : { provider, passphraseFile: files.passphraseFile }
    case "aws-kms":
      return rest === undefined ? FORMS : { provider, keyId: rest }
    case "transit":
      return transitSetting(rest ?? "", files)
    default:
      return FORMS
  }
}

const FORMS =
  "Expected file, file:PATH, passphrase, aws-kms:KEY (an id, an ARN or alias/NAME), or transit:https://HOST:8200/MOUNT/KEY"

const transitSetting = (text: string, files: RootKeyFiles): RootKeySetting | string => {
  const [, address, mount, key] = /^(https?:\/\/[^/?#]+)\/(.+)\/([^/]+)$/.exec(text) ?? []
  if (address === undefined || mount === undefined || key === undefined) return FORMS
  const { transitTokenFile: tokenFile, transitNamespace: namespace } = files
  return tokenFile === undefined
    ? "transit needs FLUXCYBERS_TRANSIT_TOKEN_FILE, a file of mode 0600 that holds the token"
    : { provider: "transit", address, mount, key, namespace, tokenFile }
}
