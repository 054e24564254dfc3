// Seals and opens records with the keyring: the organisation's key, or the data subject's when the place names one.
import { CipherFailed, SubjectCipher } from "@fluxcybers/core"
import { Effect, Layer, Result } from "effect"
import { type RecordContext, recordParts } from "./blob/context.ts"
import { blobHeader, type KeyId, openBlob, type SealingKey, sealBlob } from "./blob/sealed-blob.ts"
import type { KeyScope } from "./keys/key-scope.ts"
import { Keyring } from "./keys/keyring.ts"

export const recordScope = ({ organisation, subject }: RecordContext): KeyScope =>
  subject === undefined ? { kind: "organisation", organisation } : { kind: "subject", organisation, subject }

export const sealRecord = (key: SealingKey, context: RecordContext, plaintext: Uint8Array): Uint8Array =>
  sealBlob({ suite: "record", key, parts: recordParts(context) }, plaintext)

/** Whatever is wrong with a blob, the caller learns only that it did not open, or that its key is gone for good. */
export const openRecord = Effect.fnUntraced(function* (
  keyring: Keyring["Service"],
  context: RecordContext,
  blob: Uint8Array
) {
  const cannotOpen = new CipherFailed({ reason: "cannot-open" })
  const header = blobHeader(blob)
  if (Result.isFailure(header)) return yield* cannotOpen
  const key = yield* keyToOpen(keyring, context, header.success.keyId)
  const opened = openBlob({ suite: "record", key, parts: recordParts(context) }, blob)
  return typeof opened === "string" ? yield* cannotOpen : opened
})

/** The key that something sealed names. */
export const keyToOpen = (keyring: Keyring["Service"], context: RecordContext, id: KeyId) =>
  Effect.mapError(
    keyring.get(recordScope(context), id),
    ({ reason }) => new CipherFailed({ reason: reason === "destroyed" ? "key-destroyed" : "cannot-open" })
  )

const FIELD = { purpose: "field" } as const

/**
 * core's `SubjectCipher` on the keyring. A key that is lost or altered is a defect when sealing. The first value of a scope makes its
 * key: seal before the transaction begins, not inside it.
 */
export const subjectCipherLayer: Layer.Layer<SubjectCipher, never, Keyring> = Layer.effect(
  SubjectCipher,
  Effect.gen(function* () {
    const keyring = yield* Keyring
    return SubjectCipher.of({
      seal: Effect.fn("SubjectCipher.seal")(function* (place, plaintext) {
        const context = { ...place, ...FIELD }
        return sealRecord(yield* Effect.orDie(keyring.current(recordScope(context))), context, plaintext)
      }),
      open: Effect.fn("SubjectCipher.open")((place, sealed) => openRecord(keyring, { ...place, ...FIELD }, sealed))
    })
  })
)
