// The text form of a sealed blob, for columns that hold text: "fv1." and unpadded base64url (RFC 4648 §5).
import { Result } from "effect"
import { BLOB_OVERHEAD_BYTES, blobHeader, MalformedBlob, PLAINTEXT_BYTES_MAX } from "./sealed-blob.ts"

const PREFIX = "fv1."
const TEXT_LENGTH_MAX = PREFIX.length + Math.ceil(((BLOB_OVERHEAD_BYTES + PLAINTEXT_BYTES_MAX) * 4) / 3)

/** The text form of a sealed value: `fv1.` and unpadded base64url. */
export const blobToText = (blob: Uint8Array): string => PREFIX + Buffer.from(blob).toString("base64url")

/** Accepts exactly what `blobToText` writes: no padding, no other alphabet, no stray bits at the end. */
export const blobFromText = (text: string): Result.Result<Uint8Array, MalformedBlob> => {
  if (text.length > TEXT_LENGTH_MAX) return Result.fail(new MalformedBlob({ reason: "length" }))
  const blob = Buffer.from(text.slice(PREFIX.length), "base64url")
  return blobToText(blob) === text ? Result.succeed(blob) : Result.fail(new MalformedBlob({ reason: "text" }))
}

/** Whether a text has the form of a sealed value, and could be no shorter. Only opening it says whether it is one. */
export const isSealedText = (text: string): boolean =>
  text.startsWith(PREFIX) && Result.isSuccess(Result.flatMap(blobFromText(text), blobHeader))
