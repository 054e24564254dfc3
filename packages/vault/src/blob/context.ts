// Where a sealed value belongs, as bytes that are authenticated with it: every part with its length in front, so that no two
// different places have the same bytes (docs/spec/sealed-blob.md §4).
import type { OrganisationId } from "@fluxcybers/core"

/** Bytes of UTF-8 in one part. */
const CONTEXT_PART_BYTES_MAX = 1_024
const PARTS_MAX = 8
const LENGTH_BYTES = 4
/** UTF-8 needs at most three bytes for each UTF-16 unit. */
const PART_ROOM_BYTES = LENGTH_BYTES + 3 * CONTEXT_PART_BYTES_MAX

const RECORD_DOMAIN = "fluxcybers/vault/v1"

/** The place of a sealed record. All of it is authenticated, none of it is stored in the blob: whoever opens must know it. */
export interface RecordPlace {
  readonly organisation: string
  /** What kind of value it is: `field`, `secret`. */
  readonly purpose: string
  readonly table: string
  readonly column: string
  readonly row: string
  /** The data subject's pseudonym; left out, the value belongs to nobody in particular. */
  readonly subject?: string | undefined
}

/** A place whose keys are in the keyring. */
export interface RecordContext extends RecordPlace {
  readonly organisation: OrganisationId
}

export const recordParts = (context: RecordPlace): ReadonlyArray<string> => [
  RECORD_DOMAIN,
  context.organisation,
  context.purpose,
  context.table,
  context.column,
  context.row,
  subjectPart(context.subject)
]

/** Absent is the empty string, so an empty pseudonym would be two things at once. */
export const subjectPart = (subject: string | undefined): string => {
  if (subject === "") throw new RangeError("A data subject's pseudonym is never empty; leave it out instead.")
  return subject ?? ""
}

/** One buffer for all: the cipher has read it before the next message can overwrite it, and it holds names, nothing secret. */
const scratch = Buffer.alloc(64 + PARTS_MAX * PART_ROOM_BYTES)

/** `header` and the encoded parts. The view is valid until the next call. A part that is too long or not Unicode is the caller's defect. */
export const additionalData = (header: Uint8Array, parts: ReadonlyArray<string>): Uint8Array => {
  for (let i = 0; i < header.length; i++) scratch[i] = header[i]!
  let end = header.length
  for (const part of parts) end = writePart(end, part)
  return scratch.subarray(0, end)
}

const writePart = (start: number, part: string): number => {
  const tooLong = part.length > CONTEXT_PART_BYTES_MAX
  const length = tooLong ? part.length : writeText(start + LENGTH_BYTES, part)
  if (length > CONTEXT_PART_BYTES_MAX) {
    throw new RangeError(`A part of a sealed value's context has more than ${CONTEXT_PART_BYTES_MAX} bytes.`)
  }
  scratch.writeUInt32BE(length, start)
  return start + LENGTH_BYTES + length
}

/** Most parts are short ASCII, which a loop copies faster than a call into the encoder. */
const writeText = (start: number, text: string): number => {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0x7f) return writeUnicode(start, text)
    scratch[start + i] = unit
  }
  return text.length
}

/** A lone surrogate would be encoded like U+FFFD, and two different places would then have the same bytes. */
const writeUnicode = (start: number, text: string): number => {
  if (!text.isWellFormed()) throw new RangeError("A part of a sealed value's context is not well-formed Unicode.")
  return scratch.write(text, start)
}
