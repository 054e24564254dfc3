// What the API's parts share: limits, and the names that people type.
import { Schema } from "effect"
import { HttpApiSchema } from "effect/http-api"

export const EXECUTIONS_A_PAGE_MAX = 200
export const ENTRIES_A_PAGE_MAX = 1_000
export const TOKEN_DAYS_MAX = 365
const NAME_LENGTH_MAX = 100

export const between = (minimum: number, maximum: number) =>
  Schema.isBetween({ minimum, maximum }, { expected: `a whole number from ${minimum} to ${maximum}` })
export const limitUpTo = (maximum: number) => Schema.Int.check(between(1, maximum))

/** A person's or a token's name: 1 to 100 visible characters on one line. */
export const DisplayName = Schema.String.check(
  Schema.isPattern(new RegExp(`^(?=.*\\S)[^\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]{1,${NAME_LENGTH_MAX}}$`, "u"), {
    expected: `a name of at most ${NAME_LENGTH_MAX} characters on one line`
  })
)

/** 1 to 255 printable ASCII characters; remembered for 24 hours, for the token that sent it. */
export const IdempotencyKey = Schema.String.check(
  Schema.isPattern(/^[\x21-\x7e]{1,255}$/, { expected: "an Idempotency-Key of 1 to 255 printable ASCII characters" })
)

/** 201: the answer is what was made. */
export const created = HttpApiSchema.status(201)
