// JSON in the one form that RFC 8785 (JSON Canonicalization Scheme) allows, so that equal values have equal bytes and digests.
import { Schema } from "effect"

const DEPTH_MAX = 64

/** A value has no canonical JSON. Names the place as a JSON pointer, never the value. */
export class NotCanonical extends Schema.TaggedError<NotCanonical>()("NotCanonical", {
  pointer: Schema.String,
  reason: Schema.Literals(["not-json", "not-finite", "lone-surrogate", "too-deep"])
}) {
  override get message() {
    return `No canonical JSON: ${this.reason} at "${this.pointer}".`
  }
}

/**
 * The canonical JSON text (RFC 8785) of null, booleans, finite numbers, well-formed strings, arrays and plain objects, nested at
 * most 64 deep. Throws `NotCanonical` for everything else: `undefined`, NaN, bigint, functions, dates and other class instances,
 * lone surrogates, holes.
 */
export const canonicalJson = (value: unknown): string => serialise(value, [])

/** `path` leads to the value; it is shared and always left as it was found. */
type Path = Array<string | number>

const serialise = (value: unknown, path: Path): string => {
  switch (typeof value) {
    case "string":
      return text(value, path)
    case "boolean":
      return value ? "true" : "false"
    case "number":
      // RFC 8785 §3.2.2.3: numbers are written as ECMAScript writes them, and negative zero as 0.
      if (!Number.isFinite(value)) throw refused("not-finite", path)
      return String(value)
    case "object":
      if (value === null) return "null"
      if (path.length >= DEPTH_MAX) throw refused("too-deep", path)
      return Array.isArray(value) ? array(value, path) : object(value, path)
    default:
      throw refused("not-json", path)
  }
}

const text = (value: string, path: Path): string => {
  if (!value.isWellFormed()) throw refused("lone-surrogate", path)
  return JSON.stringify(value)
}

const array = (value: ReadonlyArray<unknown>, path: Path): string => {
  const items: Array<string> = []
  for (let i = 0; i < value.length; i++) items.push(within(path, i, value[i]))
  return `[${items.join(",")}]`
}

const object = (value: object, path: Path): string => {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw refused("not-json", path)
  if (Object.getOwnPropertySymbols(value).length > 0) throw refused("not-json", path)
  const record = value as Readonly<Record<string, unknown>>
  // RFC 8785 §3.2.3: by UTF-16 code units, which is how JavaScript sorts strings.
  const members = Object.keys(record)
    .sort()
    .map((name) => `${text(name, path)}:${within(path, name, record[name])}`)
  return `{${members.join(",")}}`
}

const within = (path: Path, step: string | number, value: unknown): string => {
  path.push(step)
  const written = serialise(value, path)
  path.pop()
  return written
}

const refused = (reason: NotCanonical["reason"], path: Path): NotCanonical =>
  new NotCanonical({
    reason,
    // RFC 6901 §3.
    pointer: path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("")
  })
