// Global Privacy Control: the Sec-GPC request header and /.well-known/gpc.json (https://w3c.github.io/gpc/).

/** Where a site says whether it honours the signal. */
export const GPC_SUPPORT_PATH = "/.well-known/gpc.json"

/** A header as a server hands it over: absent, one value (repeated fields joined by commas), or one value for each field. */
export type HeaderValue = string | ReadonlyArray<string> | null | undefined

/** The content of `/.well-known/gpc.json`, to be served as `application/json`. */
export interface GpcSupport {
  /** Whether the site honours the signal. */
  readonly gpc: boolean
  /** When that statement last changed: an RFC 3339 date or date-time. */
  readonly lastUpdate: string
}

/** `lastUpdate` is neither an RFC 3339 date nor an RFC 3339 date-time. */
export class InvalidGpcDate extends Error {
  readonly _tag = "InvalidGpcDate"
  override readonly name = "InvalidGpcDate"
  constructor() {
    super("lastUpdate must be an RFC 3339 date such as 2026-01-31, or a date-time with an offset. No body was made.")
  }
}

/**
 * Whether the request carries the signal: at least one `Sec-GPC` field is exactly `1`; every other value is ignored.
 * It is an opt-out of sale, sharing and cross-context targeting, and never a request for erasure.
 */
export const hasGpcSignal = (secGpc: HeaderValue): boolean => fieldValues(secGpc).includes("1")

/** The `Vary` header of a response that depends on the signal: what it was, with `Sec-GPC` in it once. */
export const varyOnGpc = (vary: HeaderValue): string => {
  const names = fieldValues(vary).filter((name) => name !== "")
  if (names.includes("*")) return "*"
  return names.some((name) => name.toLowerCase() === "sec-gpc") ? names.join(", ") : [...names, "Sec-GPC"].join(", ")
}

/** The body of `/.well-known/gpc.json`. Throws {@link InvalidGpcDate}. */
export const gpcSupportBody = ({ gpc, lastUpdate }: GpcSupport): string => {
  const date = RFC_3339.exec(lastUpdate)?.[1]
  if (date === undefined || !isCalendarDate(date)) throw new InvalidGpcDate()
  return JSON.stringify({ gpc, lastUpdate })
}

// RFC 3339 §5.6, `full-date` with or without a time; a leap second is legal.
const RFC_3339 =
  /^(\d{4}-\d{2}-\d{2})(?:T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d))?$/i

// Date rolls 30 February over to March; only a date that comes back unchanged exists.
const isCalendarDate = (date: string): boolean => {
  const midnight = new Date(`${date}T00:00:00Z`)
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(date)
}

// RFC 9110 §5.3: a recipient may join repeated fields with commas, as Headers and node:http do.
const fieldValues = (header: HeaderValue): ReadonlyArray<string> =>
  [header ?? []].flat().flatMap((field) => field.split(",").map((value) => value.trim()))
