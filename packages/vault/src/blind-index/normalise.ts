// How values are made alike before they are indexed. A rule that changes gets a new version: tokens name the version that made them.
import { domainToASCII } from "node:url"
import { Result, Schema } from "effect"

/** What kind of value a column holds. `exact` changes nothing. */
export type IndexedField = "email" | "phone" | "name" | "exact"

/** Bytes of UTF-8 of an indexed value. */
export const INDEXED_BYTES_MAX = 1_024

/** The value cannot be indexed as this kind of field. The value itself is never told. */
export class IndexValueRefused extends Schema.TaggedError<IndexValueRefused>()("IndexValueRefused", {
  field: Schema.Literals(["email", "phone", "name", "exact"]),
  reason: Schema.Literals(["empty", "too-long", "not-unicode", "not-an-email", "not-a-phone"])
}) {
  override get message() {
    return `${EXPLANATIONS[this.reason]} Nothing was indexed or looked up.`
  }
}

const EXPLANATIONS = {
  empty: "There is nothing to index: the value is empty.",
  "too-long": `An indexed value has at most ${INDEXED_BYTES_MAX} bytes.`,
  "not-unicode": "The value is not well-formed Unicode.",
  "not-an-email": "The value is not an e-mail address: one @ with a domain behind it is needed.",
  "not-a-phone":
    "The value is not a telephone number in international form: a + (or 00), the country's code and 7 to 15 digits in all are needed."
} as const

type Normaliser = (value: string) => string | IndexValueRefused["reason"]

/** The versions of each rule, oldest first. The last one makes new tokens; all of them are looked up. Released rules never change. */
export const NORMALISERS: Readonly<Record<IndexedField, ReadonlyArray<Normaliser>>> = {
  exact: [(value) => value],
  email: [(value) => email(value)],
  phone: [(value) => phone(value)],
  name: [(value) => personName(value)]
}

const REASONS = new Set<string>(["not-an-email", "not-a-phone"] satisfies ReadonlyArray<IndexValueRefused["reason"]>)

/** The value as version `version` (from 1) of the field's rule makes it. */
export const normalise = (
  field: IndexedField,
  version: number,
  value: string
): Result.Result<string, IndexValueRefused> => {
  const fail = (reason: IndexValueRefused["reason"]) => Result.fail(new IndexValueRefused({ field, reason }))
  if (!value.isWellFormed()) return fail("not-unicode")
  if (Buffer.byteLength(value) > INDEXED_BYTES_MAX) return fail("too-long")
  const normal = NORMALISERS[field][version - 1]?.(value) ?? ""
  if (isRefusal(field, normal)) return fail(normal)
  if (normal === "") return fail("empty")
  return Buffer.byteLength(normal) > INDEXED_BYTES_MAX ? fail("too-long") : Result.succeed(normal)
}

/** Neither an e-mail address nor a number looks like a reason; a name may. */
const isRefusal = (field: IndexedField, normal: string): normal is IndexValueRefused["reason"] =>
  (field === "email" || field === "phone") && REASONS.has(normal)

/** Upper and lower case are one mailbox to everybody but RFC 5321; dots and tags are left alone, because they are not to all. */
const email: Normaliser = (value) => {
  const text = value.normalize("NFKC").trim()
  const at = text.lastIndexOf("@")
  const domain = domainToASCII(text.slice(at + 1))
  if (at < 1 || domain === "" || /\s/.test(text)) return text === "" ? "" : "not-an-email"
  return `${lowerCase(text.slice(0, at))}@${domain}`
}

/** E.164. A number without its country's code could be many people's. */
const phone: Normaliser = (value) => {
  const text = value
    .normalize("NFKC")
    .replaceAll(/[\s().\-/‐-―]/g, "")
    .replace(/^00/, "+")
  if (text === "") return ""
  return /^\+[1-9]\d{6,14}$/.test(text) ? text : "not-a-phone"
}

/** Without accents, case, punctuation and doubled spaces: "O’Brien-Müller" is "obrien muller". */
const personName: Normaliser = (value) =>
  lowerCase(value.normalize("NFKD").replaceAll(/\p{M}/gu, ""))
    .replaceAll(/['’ʼ`´]/g, "")
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim()

/** By way of upper case, so that "ß" and "SS" are one (Unicode's full case folding has the same effect here). */
const lowerCase = (text: string): string => text.toUpperCase().toLowerCase()
