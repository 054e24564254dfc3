// list, current and reveal. A reveal opens the value, commits its audit entry, and only then hands the value out.
import { AuditLog, Database } from "@fluxcybers/core"
import { DateTime, Effect, Redacted, Result } from "effect"
import { isBehind, secretEvidence } from "../evidence/secret-evidence.ts"
import { Keyring } from "../keys/keyring.ts"
import { openRecord } from "../record-cipher.ts"
import { type RevealedSecret, SecretError, type Secrets } from "../secrets.ts"
import { absence, acting, nowText, refused, secretPlace, summary } from "./secret.ts"
import { checkName, checkPurpose } from "./secret-checks.ts"
import { type SecretKey, type SecretVersion, secretStore } from "./secret-store.ts"

type Reveal = Parameters<Secrets["Service"]["reveal"]>[0]

interface Opened extends SecretVersion {
  readonly value: Uint8Array
}

type Verdict = Result.Result<RevealedSecret, SecretError>

/** What the log calls a secret that there is not: the name that was asked for could be anything, a password too. */
const UNKNOWN_OBJECT = "secret_unknown"

export const makeReads = Effect.gen(function* () {
  const store = secretStore(yield* Database)
  const current = yield* makeCurrent
  return {
    reveal: yield* makeReveal,
    list: Effect.fn("Secrets.list")((organisation: SecretKey["organisation"]) =>
      Effect.map(store.list(organisation), (rows) => rows.map(summary))
    ),
    current: Effect.fn("Secrets.current")(function* (key: SecretKey) {
      yield* checkName(key.name)
      yield* current(key)
      const secret = (yield* store.findActive(key)) ?? (yield* absence(store, key))
      if (yield* isPast(secret.expires_at)) return yield* refused(key.name, "expired")
      return summary(secret)
    })
  }
})

/** The active secret, if the log knows of nothing newer. */
const makeCurrent = Effect.gen(function* () {
  const store = secretStore(yield* Database)
  const log = yield* AuditLog
  const active = Effect.fnUntraced(function* (key: SecretKey) {
    const secret = yield* store.find(key)
    return secret?.state === "active" ? secret : yield* absence(store, key)
  })
  return Effect.fnUntraced(function* (key: SecretKey) {
    const { id, version } = yield* active(key)
    const evidence = yield* secretEvidence(log, { organisation: key.organisation, id })
    if (!isBehind(version, evidence)) return { id, version, evidence }
    // It may have been rotated between the two looks.
    const again = yield* active(key)
    return isBehind(again.version, evidence) ? yield* refused(key.name, "rolled-back") : { ...again, evidence }
  })
})

const makeReveal = Effect.gen(function* () {
  const database = yield* Database
  const log = yield* AuditLog
  const open = yield* makeOpen
  const store = secretStore(database)

  const record = Effect.fnUntraced(function* (input: Reveal, outcome: "success" | "denied", facts: object) {
    const isNamed = Result.isSuccess(yield* Effect.result(checkName(input.name)))
    const secret = isNamed ? yield* store.find(input) : undefined
    yield* log.record({
      ...acting(input),
      action: "secret.revealed",
      object: secret?.id ?? UNKNOWN_OBJECT,
      outcome,
      facts: { ...(yield* purposeFact(input)), ...facts }
    })
  })

  /** What was opened may have been destroyed since. A refusal leaves as a value: its entry is to be committed. */
  const settle = Effect.fnUntraced(function* (
    input: Reveal,
    opened: Result.Result<Opened, SecretError>
  ): Effect.fn.Return<Verdict> {
    if (Result.isSuccess(opened) && (yield* store.noteReveal(opened.success, yield* nowText))) {
      yield* record(input, "success", { version: opened.success.version })
      return Result.succeed({ version: opened.success.version, value: Redacted.make(opened.success.value) })
    }
    if (Result.isSuccess(opened)) opened.success.value.fill(0)
    const denial = Result.isFailure(opened)
      ? opened.failure
      : new SecretError({ secret: input.name, reason: "destroyed" })
    yield* record(input, "denied", { reason: denial.reason })
    return Result.fail(denial)
  })

  return Effect.fn("Secrets.reveal")(function* (input: Reveal) {
    const opened = yield* Effect.result(open(input))
    return yield* Effect.fromResult(yield* database.shared(settle(input, opened)))
  })
})

/** Outside the transaction: the key may have to be unwrapped by a root key that is far away. */
const makeOpen = Effect.gen(function* () {
  const store = secretStore(yield* Database)
  const keyring = yield* Keyring
  const current = yield* makeCurrent
  return Effect.fnUntraced(function* (input: Reveal) {
    yield* checkName(input.name)
    yield* checkPurpose(input.name, input.purpose)
    const secret = yield* current(input)
    const version = { id: secret.id, version: input.version ?? secret.version }
    if (version.version <= secret.evidence.destroyed) return yield* refused(input.name, "version-unknown")
    const stored = isVersion(version.version) ? yield* store.findVersion(version) : undefined
    if (stored === undefined) return yield* refused(input.name, "version-unknown")
    if (yield* isPast(stored.expires_at)) return yield* refused(input.name, "expired")
    const value = yield* openRecord(keyring, secretPlace(input, version), stored.sealed).pipe(
      Effect.catchTag("CipherFailed", () => refused(input.name, "cannot-open"))
    )
    const opened: Opened = { ...version, value }
    return opened
  })
})

const isVersion = (version: number): boolean => Number.isSafeInteger(version) && version > 0

const purposeFact = (input: Reveal) =>
  checkPurpose(input.name, input.purpose).pipe(
    Effect.as({ purpose: input.purpose }),
    Effect.orElseSucceed(() => ({}))
  )

const isPast = Effect.fnUntraced(function* (instant: string | null) {
  return instant !== null && instant <= DateTime.formatIso(yield* DateTime.now)
})
