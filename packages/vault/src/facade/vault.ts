// A whole vault as promises.
import { CipherFailed, type Database, SubjectCipher } from "@fluxcybers/core"
import { Cause, type Effect, Exit, type Layer, ManagedRuntime, Redacted, Result } from "effect"
import { blobFromText, blobToText } from "../blob/text.ts"
import { type SecretSummary, Secrets } from "../secrets.ts"
import { type ActorInput, actorOf } from "./actor.ts"
import { bytesOf, organisationOf, type Place, sealedPlace } from "./place.ts"
import { SecretValue } from "./secret-value.ts"
import { vaultServices } from "./vault-services.ts"

/** Where the vault keeps its keys and secrets, and where its two key files are. */
export type VaultOptions = VaultKeyFiles &
  (
    | {
        /** Path of an SQLite file, made when it is missing. Needs `better-sqlite3`. */
        readonly sqlite: string
      }
    | {
        /** `postgres://user:password@host:port/database`. Needs `@effect/sql-pg`. */
        readonly postgres: string
      }
  )

interface VaultKeyFiles {
  /** The root key: 32 random bytes, mode 0600. Without it nothing in the database opens: keep a copy apart from the database. */
  readonly rootKeyFile: string
  /** The key that signs the audit log; `<rootKeyFile>.log` unless told. */
  readonly logKeyFile?: string
  /** Makes missing key files, if the database is new too. */
  readonly createIfMissing?: boolean
}

/** Which secret, and who asks. */
export interface SecretInput {
  /** Lower-case letters, digits and `. _ / -`, at most 128 characters. */
  readonly name: string
  /** Left out by whoever has only one organisation. */
  readonly organisation?: string
  /** `{ system: "application" }` unless told. */
  readonly actor?: ActorInput
}

/** A new value for a secret. */
export interface SecretPut extends SecretInput {
  /** 1 byte to 64 KiB. */
  readonly value: string | Uint8Array
  /** ISO 8601 instant after which it is no longer revealed. */
  readonly expiresAt?: string
}

/** Named, versioned values. Every change and every reveal is in the audit log. */
export interface VaultSecrets {
  put(input: SecretPut): Promise<SecretSummary>
  rotate(input: SecretPut): Promise<SecretSummary>
  list(organisation?: string): Promise<ReadonlyArray<SecretSummary>>
  /** The summary of the version that a reveal gives. */
  current(input: SecretInput): Promise<SecretSummary>
  /** `purpose`: why it is read, kept in the log. `version`: the current one unless told. */
  reveal(input: SecretInput & { readonly purpose: string; readonly version?: number }): Promise<SecretValue>
  /** Deletes every version for good. */
  destroy(input: SecretInput): Promise<void>
}

/** A vault in a database. Close it, or let `await using` do so. */
export interface Vault extends AsyncDisposable {
  readonly secrets: VaultSecrets
  /** Seals a value for its place, under the organisation's key or the data subject's own: text of the form `fv1.…`. */
  seal(place: Place, value: string | Uint8Array): Promise<string>
  /** Rejects when the value was altered, moved to another place, or its key is gone. */
  open(place: Place, sealed: string): Promise<Uint8Array>
  /** The same for a value that is text. */
  openText(place: Place, sealed: string): Promise<string>
  close(): Promise<void>
}

type Run = <A, E>(effect: Effect.Effect<A, E, Secrets | SubjectCipher>) => Promise<A>

/** Starts the vault in a database that is opened when the vault is, and closed with it. */
export const startVault = async (options: VaultOptions, database: Layer.Layer<Database>): Promise<Vault> => {
  const runtime = ManagedRuntime.make(vaultServices(options, database))
  const run: Run = async (effect) => {
    const exit = await runtime.runPromiseExit(effect)
    if (Exit.isFailure(exit)) throw Cause.squash(exit.cause)
    return exit.value
  }
  const close = () => runtime.dispose()
  try {
    const secrets = secretsOf(await run(Secrets), run)
    const cipher = await run(SubjectCipher)
    return { secrets, ...fieldsOf(cipher, run), close, [Symbol.asyncDispose]: close }
  } catch (cause) {
    await close()
    throw cause
  }
}

const fieldsOf = (cipher: SubjectCipher["Service"], run: Run): Pick<Vault, "seal" | "open" | "openText"> => {
  const open: Vault["open"] = async (place, sealed) => {
    const blob = blobFromText(sealed)
    if (Result.isFailure(blob)) throw new CipherFailed({ reason: "cannot-open" })
    return run(cipher.open(sealedPlace(place), blob.success))
  }
  return {
    open,
    seal: async (place, value) => blobToText(await run(cipher.seal(sealedPlace(place), bytesOf(value)))),
    openText: async (place, sealed) => Buffer.from(await open(place, sealed)).toString("utf8")
  }
}

const secretsOf = (secrets: Secrets["Service"], run: Run): VaultSecrets => ({
  put: async (input) => run(secrets.put({ ...named(input), value: Redacted.make(bytesOf(input.value)) })),
  rotate: async (input) => run(secrets.rotate({ ...named(input), value: Redacted.make(bytesOf(input.value)) })),
  list: async (organisation) => run(secrets.list(organisationOf(organisation))),
  current: async (input) => run(secrets.current(named(input))),
  reveal: async (input) => new SecretValue(Redacted.value(await run(secrets.reveal(named(input))))),
  destroy: async (input) => run(secrets.destroy(named(input)))
})

const named = <Input extends SecretInput>({ organisation, actor = { system: "application" }, ...rest }: Input) => ({
  ...rest,
  organisation: organisationOf(organisation),
  actor: actorOf(actor)
})
