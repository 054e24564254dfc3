// The root key from a passphrase: argon2id over it and a salt. The salt and the cost are in a file beside the data; the passphrase is
// kept by a person, or by whatever hands it to the process.
import { randomBytes } from "node:crypto"
import { Effect, Layer, Redacted, Result, Schema } from "effect"
import { type Argon2Cost, argon2id, SALT_BYTES } from "./argon2.ts"
import { createPrivateFile, type KeyFileError, type KeyFileOptions, readPrivateFile } from "./key-file.ts"
import { localKey, localRootKey } from "./local-root-key.ts"
import { RootKey, RootKeyFailed } from "./root-key.ts"

/** NIST SP 800-63B-4 §3.1.1.1: a password that stands alone. */
export const PASSPHRASE_LENGTH_MIN = 15
const PASSPHRASE_LENGTH_MAX = 1_024

/** RFC 9106 §4, second recommendation: 64 MiB. A start takes about a fifth of a second. */
const COST: Argon2Cost = { memoryKiB: 64 * 1_024, passes: 3, parallelism: 4 }
const FILE_BYTES_MAX = 4_096

/** The bounds keep a file that somebody changed from taking all memory, or from making guesses cheap. */
const Parameters = Schema.fromJsonString(
  Schema.Struct({
    format: Schema.Literal("fluxcybers passphrase v1"),
    kdf: Schema.Literal("argon2id"),
    memoryKiB: Schema.Int.check(Schema.isBetween({ minimum: 19_456, maximum: 1_048_576 })),
    passes: Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 16 })),
    parallelism: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 16 })),
    salt: Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/)),
    /** The id of the key that comes out: another passphrase is noticed at once. */
    rootKey: Schema.String
  })
)

const encode = Schema.encodeSync(Parameters)

/** A passphrase, and where its salt is. */
export interface PassphraseOptions extends KeyFileOptions {
  /** 15 to 1,024 characters. */
  readonly passphrase: Redacted.Redacted<string>
}

/**
 * The root key derived from a passphrase by argon2id (64 MiB, 3 passes, 4 lanes, 32 bytes of salt). `path`: the file with the salt and
 * the cost, mode 0600; without it the passphrase is worth nothing, so back it up. Fails with `RootKeyFailed` `unusable` for another
 * passphrase, for one that is too short, and on a Node.js without argon2 (before 24.7).
 */
export const rootKeyPassphraseLayer = (
  options: PassphraseOptions
): Layer.Layer<RootKey, KeyFileError | RootKeyFailed> => Layer.effect(RootKey, Effect.map(load(options), RootKey.of))

const load = Effect.fnUntraced(function* (options: PassphraseOptions) {
  const { path } = options
  const passphrase = yield* checked(options)
  const derive = deriver(path, passphrase)
  if (options.createIfMissing === true) yield* createUnlessThere(path, derive)
  const content = yield* readPrivateFile(path, FILE_BYTES_MAX)
  const parameters = Schema.decodeResult(Parameters)(content.toString("utf8"))
  if (Result.isFailure(parameters)) return yield* unusable(path, "this is no file of a passphrase's salt; restore it")
  const key = yield* derive(parameters.success.salt, parameters.success)
  if (key.id !== parameters.success.rootKey) return yield* unusable(path, "this is not its passphrase")
  return localRootKey(key, { provider: "passphrase", location: path })
})

/** Of two first starts at once, the file of the first one counts. */
const createUnlessThere = Effect.fnUntraced(function* (path: string, derive: ReturnType<typeof deriver>) {
  const isMissing = yield* readPrivateFile(path, 1).pipe(
    Effect.as(false),
    Effect.catchIf(
      ({ reason }) => reason === "missing",
      () => Effect.succeed(true)
    )
  )
  if (!isMissing) return
  const salt = randomBytes(SALT_BYTES).toString("hex")
  const { id } = yield* derive(salt, COST)
  const parameters = { format: "fluxcybers passphrase v1", kdf: "argon2id", ...COST, salt, rootKey: id } as const
  yield* Effect.catchIf(
    createPrivateFile(path, Buffer.from(`${encode(parameters)}\n`)),
    ({ reason }) => reason === "exists",
    () => Effect.void
  )
})

/** The same text typed on two systems has the same bytes (RFC 8265 §4.2). */
const checked = ({ passphrase, path }: PassphraseOptions) => {
  const text = Redacted.value(passphrase).normalize("NFC")
  return text.length >= PASSPHRASE_LENGTH_MIN && text.length <= PASSPHRASE_LENGTH_MAX
    ? Effect.succeed(Redacted.make(text))
    : unusable(path, `a passphrase has ${PASSPHRASE_LENGTH_MIN} to ${PASSPHRASE_LENGTH_MAX} characters`)
}

const deriver = (path: string, passphrase: Redacted.Redacted<string>) => (salt: string, cost: Argon2Cost) =>
  argon2id(passphrase, Buffer.from(salt, "hex"), cost).pipe(
    Effect.map(localKey),
    Effect.mapError((detail) => failed(path, detail))
  )

const unusable = (path: string, detail: string) => Effect.fail(failed(path, detail))
const failed = (path: string, detail: string) =>
  new RootKeyFailed({ reason: "unusable", rootKey: "passphrase", detail: `${path}: ${detail}` })
