// The form of a secret, as data: how a token, a key or a password looks that nobody told us. Read from left to right without going back.
import { Schema } from "effect"
import { isCharacterClass } from "./characters.ts"

/** From the first byte of an undecided form so many bytes are kept to decide it later. */
export const LOOK_BACK_BYTES_MAX = 1_280
/** A run that is longer is shown again from there on: an unfinished block must not hide everything that follows. */
const RUN_BYTES_MAX = 16_384

const START_LENGTH_MAX = 64
const STARTS_MAX = 64
const PARTS_MAX = 8
const EXAMPLES_MAX = 50
const EXAMPLE_LENGTH_MAX = 2_000

const Ascii = (minimum: number) =>
  Schema.String.check(
    Schema.isPattern(new RegExp(`^[\\x20-\\x7e\\t]{${minimum},${START_LENGTH_MAX}}$`), {
      expected: `${minimum} to ${START_LENGTH_MAX} printable ASCII characters`
    })
  )

const Length = Schema.Int.check(
  Schema.isBetween({ minimum: 0, maximum: RUN_BYTES_MAX }, { expected: `a whole number from 0 to ${RUN_BYTES_MAX}` })
)

/** What follows the start: exactly this text; or as many of these characters as there are, up to `max`. */
export const FormPart = Schema.Union([
  Schema.Struct({ text: Ascii(1) }),
  Schema.Struct({
    /** As between the brackets of a regular expression: `A-Za-z0-9_-`, `^\s"`. `\s` is blank, tab and line break. */
    chars: Schema.String.check(
      Schema.makeFilter(isCharacterClass, { expected: 'a set of characters such as "A-Za-z0-9_-" or "^\\\\s"' })
    ),
    min: Length,
    max: Length,
    /** Only these characters are masked. Without any such part all that follows the start is; the start itself is always shown. */
    hidden: Schema.optionalKey(Schema.Boolean),
    /** It also ends behind this text. */
    until: Schema.optionalKey(Ascii(1))
  })
])
export type FormPart = typeof FormPart.Type

const kindPattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/
const Kind = Schema.String.check(
  Schema.isPattern(kindPattern, { expected: 'a name like "acme-token"' }),
  Schema.isMaxLength(32, { expected: "a name of at most 32 characters" })
)

const Examples = Schema.Array(Schema.String.check(Schema.isMaxLength(EXAMPLE_LENGTH_MAX))).check(
  Schema.isMaxLength(EXAMPLES_MAX, { expected: `at most ${EXAMPLES_MAX} examples` })
)

/** How a kind of secret looks. It stands in the output as `[masked: kind]`. */
export const SecretForm = Schema.Struct({
  kind: Kind,
  /** One of these texts begins it. */
  starts: Schema.NonEmptyArray(Ascii(3)).check(
    Schema.isMaxLength(STARTS_MAX, { expected: `at most ${STARTS_MAX} texts` })
  ),
  /** A and a are the same in `starts`. */
  ignoreCase: Schema.optionalKey(Schema.Boolean),
  /** It is a word of its own: no letter, digit or `_` stands right before it. */
  word: Schema.optionalKey(Schema.Boolean),
  /** No letter, digit or `_` follows it. Such a form has at most 1,280 bytes. */
  ends: Schema.optionalKey(Schema.Boolean),
  parts: Schema.NonEmptyArray(FormPart).check(
    Schema.isMaxLength(PARTS_MAX, { expected: `at most ${PARTS_MAX} parts` })
  ),
  /** Texts in which something is masked. */
  masked: Examples,
  /** Texts that stay as they are. */
  shown: Examples
}).annotate({ identifier: "SecretForm" })
export type SecretForm = typeof SecretForm.Type

/** What is wrong with a form beyond its fields, as a sentence. Pure. */
export const formProblem = ({ starts, parts, ends }: SecretForm): string | undefined => {
  const inverted = parts.find((part) => "chars" in part && (part.max === 0 || part.min > part.max))
  if (inverted !== undefined) return "a part has a min above its max, or a max of 0."
  if (parts.filter((part) => "chars" in part && part.hidden).length > 1) return "more than one part is hidden."
  const last = parts.at(-1)
  if (parts.some((part) => "chars" in part && part.until !== undefined && part !== last))
    return "only the last part can have an `until`."
  if (parts.every((part) => "chars" in part && part.min === 0)) return "none of its parts has to be there."
  const needed = lookBackOf({ starts, parts, ends })
  if (needed > LOOK_BACK_BYTES_MAX)
    return `it takes up to ${needed} bytes to tell, which are more than ${LOOK_BACK_BYTES_MAX}.`
  return undefined
}

/** After so many bytes it is told whether it is this form: a last run that is long enough needs no end to be one. */
const lookBackOf = ({
  starts,
  parts,
  ends
}: Pick<SecretForm, "starts" | "parts"> & { readonly ends: boolean | undefined }) => {
  const lengths = parts.map((part, index) => {
    if ("text" in part) return part.text.length
    return index === parts.length - 1 && ends !== true ? part.min : part.max
  })
  return Math.max(...starts.map((start) => start.length)) + lengths.reduce((sum, length) => sum + length, 1)
}
