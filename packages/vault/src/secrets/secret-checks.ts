// What is refused before anything is looked up.
import { DateTime, Effect, Option, Redacted, Schema } from "effect"
import { PURPOSE_LENGTH_MAX, type PutValue, SECRET_BYTES_MAX, SecretError, SecretName } from "../secrets.ts"

const isName = Schema.is(SecretName)

export const checkName = (name: string): Effect.Effect<void, SecretError> =>
  isName(name) ? Effect.void : Effect.fail(new SecretError({ secret: "", reason: "invalid-name" }))

export const checkPurpose = (name: string, purpose: string): Effect.Effect<void, SecretError> =>
  purpose.trim().length > 0 && purpose.length <= PURPOSE_LENGTH_MAX
    ? Effect.void
    : Effect.fail(new SecretError({ secret: name, reason: "invalid-purpose" }))

export const checkSize = (name: string, value: PutValue["value"]): Effect.Effect<void, SecretError> => {
  const { length } = Redacted.value(value)
  if (length > 0 && length <= SECRET_BYTES_MAX) return Effect.void
  return Effect.fail(new SecretError({ secret: name, reason: length === 0 ? "empty" : "too-large" }))
}

/** The instant in the one form that sorts as it reads; null for never. */
export const checkExpiry = Effect.fnUntraced(function* (name: string, expiresAt: string | undefined) {
  if (expiresAt === undefined) return null
  const instant = Option.filter(DateTime.make(expiresAt), (date) => INSTANT.test(expiresAt) && DateTime.isUtc(date))
  const isFuture = Option.isSome(instant) && DateTime.isGreaterThan(instant.value, yield* DateTime.now)
  if (!isFuture) return yield* new SecretError({ secret: name, reason: "invalid-expiry" })
  return DateTime.formatIso(instant.value)
})

/** RFC 3339 with a zone: a date alone would mean another instant in another place. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/
