// The root key in AWS KMS: it never leaves it. Needs @aws-sdk/client-kms.
import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  KMSClient,
  type KMSClientConfig
} from "@aws-sdk/client-kms"
import { Effect, Layer } from "effect"
import { KEY_BYTES } from "./keys/key-file.ts"
import { type KeyName, scopeColumns } from "./keys/key-scope.ts"
import { RootKey, RootKeyFailed, type RootKeyProvider } from "./keys/root-key.ts"

const TIMEOUT_MS = 5_000
const ATTEMPTS_MAX = 4

/** Which key, and how it is reached. */
export interface AwsKmsOptions {
  /** Key id, ARN, or `alias/NAME` of a symmetric key for encryption. */
  readonly keyId: string
  /** For one attempt; 5 s unless told. */
  readonly timeoutMs?: number
  /** 4 unless told, with the SDK's own pauses in between. */
  readonly attemptsMax?: number
  /** Region, credentials, endpoint: what the SDK finds by itself unless told. */
  readonly client?: Omit<KMSClientConfig, "requestHandler" | "maxAttempts">
}

/**
 * The root key in AWS KMS. Its permissions: `kms:Encrypt`, `kms:Decrypt`, `kms:DescribeKey`. The name of each wrapped key is its
 * encryption context, so that policies and CloudTrail can tell them apart. The yearly rotation of KMS goes unnoticed.
 *
 * Fails at the start with `RootKeyFailed`: `unusable` for a key of another kind or state, `denied`, `unavailable`.
 */
export const rootKeyAwsKmsLayer = (options: AwsKmsOptions): Layer.Layer<RootKey, RootKeyFailed> =>
  Layer.effect(
    RootKey,
    Effect.gen(function* () {
      const client = yield* Effect.acquireRelease(
        Effect.sync(() => makeClient(options)),
        (open) => Effect.sync(() => open.destroy())
      )
      return RootKey.of(yield* kmsProvider(client, options.keyId))
    })
  )

const makeClient = ({ client, timeoutMs = TIMEOUT_MS, attemptsMax = ATTEMPTS_MAX }: AwsKmsOptions) =>
  new KMSClient({
    ...client,
    maxAttempts: attemptsMax,
    requestHandler: { connectionTimeout: timeoutMs, requestTimeout: timeoutMs, throwOnRequestTimeout: true }
  })

const kmsProvider = Effect.fnUntraced(function* (client: KMSClient, keyId: string) {
  const attempt = <A>(send: () => Promise<A>) =>
    Effect.tryPromise({ try: send, catch: (cause) => new RootKeyFailed({ rootKey: keyId, ...explained(cause) }) })
  const failed = (reason: RootKeyFailed["reason"], detail: string) =>
    new RootKeyFailed({ reason, rootKey: keyId, detail })

  const { KeyMetadata: key } = yield* attempt(() => client.send(new DescribeKeyCommand({ KeyId: keyId })))
  if (key?.Arn === undefined || key.KeySpec !== "SYMMETRIC_DEFAULT" || key.KeyUsage !== "ENCRYPT_DECRYPT") {
    return yield* failed("unusable", "it must be a symmetric key for encryption and decryption")
  }
  if (key.KeyState !== "Enabled") return yield* failed("unusable", `its state is ${key.KeyState}`)
  // An alias may point elsewhere tomorrow.
  const { Arn: arn } = key
  const provider: RootKeyProvider = {
    describe: Effect.succeed({ provider: "aws-kms", id: arn, location: arn }),
    wrap: Effect.fnUntraced(function* (name, bytes) {
      const command = new EncryptCommand({ KeyId: arn, Plaintext: bytes, EncryptionContext: contextOf(name) })
      const { CiphertextBlob: wrapped } = yield* attempt(() => client.send(command))
      return wrapped ?? (yield* failed("unavailable", "an answer without a ciphertext"))
    }),
    unwrap: Effect.fnUntraced(function* (name, wrapped) {
      const command = new DecryptCommand({ KeyId: arn, CiphertextBlob: wrapped, EncryptionContext: contextOf(name) })
      const { Plaintext: bytes } = yield* attempt(() => client.send(command))
      if (bytes?.length === KEY_BYTES) return bytes
      bytes?.fill(0)
      return yield* failed("altered", "what it wraps is no key")
    })
  }
  return provider
})

/** Every part that there is; a scope's kind says which ones those are. */
const contextOf = ({ id, version, scope }: KeyName): Record<string, string> => {
  const parts = { ...scopeColumns(scope), key: id, version: String(version) }
  return Object.fromEntries(
    Object.entries(parts).flatMap(([name, value]) => (value === "" ? [] : [[`fluxcybers:${name}`, value]]))
  )
}

const REASONS: Readonly<Record<string, RootKeyFailed["reason"]>> = {
  AccessDeniedException: "denied",
  InvalidSignatureException: "denied",
  UnrecognizedClientException: "denied",
  ExpiredTokenException: "denied",
  CredentialsProviderError: "denied",
  InvalidCiphertextException: "altered",
  IncorrectKeyException: "other-root-key",
  NotFoundException: "unusable",
  DisabledException: "unusable",
  KMSInvalidStateException: "unusable",
  InvalidKeyUsageException: "unusable",
  ValidationException: "unusable"
}

/** The name of the fault: messages of KMS may hold the request. */
const explained = (cause: unknown): { readonly reason: RootKeyFailed["reason"]; readonly detail: string } => {
  const name = cause instanceof Error ? cause.name : "unknown"
  return { reason: REASONS[name] ?? "unavailable", detail: name }
}
