// The byte patterns by which a secret can be recognised in output: the value as it is, and the encodings in which programs print it.

/** A shorter value would be found everywhere, and masking it would destroy the output. */
const MASKED_BYTES_MIN = 4
/** A shorter value is searched only as it is: its encodings are so short that they occur by chance. */
export const ENCODED_BYTES_MIN = 6

/** Where `base64`, PEM writers (RFC 7468 §2) and `xxd -p` break their lines. */
const BASE64_LINE_LENGTHS = [76, 64]
const HEX_LINE_LENGTH = 60

const PEM_BOUNDARY = "-----"

/**
 * Every pattern of a secret, each once. A final line break does not belong to the secret; of a secret with several lines each line
 * is searched too, since terminals and log prefixes tear lines apart.
 */
export const secretPatterns = (secret: Uint8Array): ReadonlyArray<Buffer> => {
  const value = withoutFinalBreak(Buffer.from(secret))
  if (value.length < MASKED_BYTES_MIN) return []
  const patterns = value.length < ENCODED_BYTES_MIN ? [value] : [...encodings(value), ...secretLines(value)]
  return [...new Map(patterns.map((pattern) => [pattern.toString("latin1"), pattern])).values()]
}

const withoutFinalBreak = (value: Buffer): Buffer => {
  let end = value.length
  while (end > 0 && (value[end - 1] === 0x0a || value[end - 1] === 0x0d)) end--
  return value.subarray(0, end)
}

const secretLines = (value: Buffer): ReadonlyArray<Buffer> => {
  const lines = latin1(value).split(/\r?\n/)
  if (lines.length === 1) return []
  return lines
    .map((line) => line.trim())
    .filter((line) => line.length >= ENCODED_BYTES_MIN && !line.startsWith(PEM_BOUNDARY))
    .flatMap((line) => encodings(Buffer.from(line, "latin1")))
}

const encodings = (value: Buffer): ReadonlyArray<Buffer> =>
  [
    value,
    Buffer.from(latin1(value).replace(/\r?\n/g, "\r\n"), "latin1"),
    ...texts(value).map((text) => Buffer.from(text, "latin1"))
  ].filter((pattern) => pattern.length >= ENCODED_BYTES_MIN)

const texts = (value: Buffer): ReadonlyArray<string> => {
  const hex = value.toString("hex")
  return [
    ...base64(value, "base64"),
    ...base64(value, "base64url"),
    ...BASE64_LINE_LENGTHS.flatMap((length) => folded(value.toString("base64"), length)),
    hex,
    hex.toUpperCase(),
    ...folded(hex, HEX_LINE_LENGTH),
    ...percentEncoded(value),
    ...jsonEscaped(value),
    ...shellEscaped(value)
  ]
}

/**
 * The secret may stand anywhere in what was encoded, so it begins at any of the three offsets of a group (RFC 4648 §4). Only the
 * characters that depend on nothing but the secret are searched; up to two at each end also depend on its neighbours.
 */
const base64 = (value: Buffer, encoding: "base64" | "base64url"): ReadonlyArray<string> =>
  [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), value]).toString(encoding)
    return text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + value.length) * 8) / 6))
  })

/** An encoded text broken into lines: as a whole, and each line alone. */
const folded = (text: string, length: number): ReadonlyArray<string> => {
  if (text.length <= length) return []
  const lines = text.match(new RegExp(`.{1,${length}}`, "g")) ?? []
  return [lines.join("\n"), ...lines]
}

/** RFC 3986 §2.1 in the variants of encodeURIComponent, of strict encoders, and of HTML forms (URL Standard §5.2). */
const percentEncoded = (value: Buffer): ReadonlyArray<string> => {
  const strict = percent(value, /[A-Za-z0-9\-._~]/)
  const lenient = percent(value, /[A-Za-z0-9\-._~!*'()]/)
  const form = percent(value, /[A-Za-z0-9\-._*]/).replaceAll("%20", "+")
  return [strict, strict.replace(/%../g, (code) => code.toLowerCase()), lenient, strict.replaceAll("%20", "+"), form]
}

const percent = (value: Buffer, kept: RegExp): string =>
  [...latin1(value)]
    .map((byte) => (kept.test(byte) ? byte : `%${hexOf(byte.charCodeAt(0)).padStart(2, "0").toUpperCase()}`))
    .join("")

/** RFC 8259 §7: as JSON.stringify writes it, with escaped slashes, and with everything beyond ASCII escaped. */
const jsonEscaped = (value: Buffer): ReadonlyArray<string> => {
  const escaped = JSON.stringify(value.toString("utf8")).slice(1, -1)
  return [escaped, escaped.replaceAll("/", "\\/")].flatMap((text) => [
    Buffer.from(text, "utf8").toString("latin1"),
    text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${hexOf(unit.charCodeAt(0)).padStart(4, "0")}`)
  ])
}

/** Inside single quotes (two ways to write a quote there) and inside double quotes. */
const shellEscaped = (value: Buffer): ReadonlyArray<string> => {
  const text = latin1(value)
  return [
    text.replaceAll("'", `'\\''`),
    text.replaceAll("'", `'"'"'`),
    text.replace(/["\\$`]/g, (character) => `\\${character}`)
  ]
}

const hexOf = (code: number): string => code.toString(16)
const latin1 = (bytes: Buffer): string => bytes.toString("latin1")
