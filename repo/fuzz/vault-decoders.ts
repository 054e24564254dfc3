// The decoders of sealed values. What was changed must not open, whatever was changed.
import { createSecretKey } from "node:crypto"
import { CipherFailed } from "@fluxcybers/core"
import { blobFromText, blobHeader, blobToText, KeyId } from "@fluxcybers/vault"
import { Result } from "effect"
import { openBlob, type SealingKey, sealBlob, sealingKey } from "../../packages/vault/src/blob/sealed-blob.ts"
import { beginStream, openerOf, STREAM_HEAD_BYTES } from "../../packages/vault/src/stream/sealed-stream.ts"
import { type Decoder, textDecoder } from "./decoder.ts"

const key: SealingKey = sealingKey(
  { id: KeyId.make("0123456789abcdef01234567"), version: 1 },
  createSecretKey(Buffer.alloc(32, 7))
)
const parts = ["org", "table", "column", "row", "purpose"]
const binding = { suite: "record", key, parts } as const
const stream = { key, parts }

const blobs = ["", "x", "a longer value", "y".repeat(300)].map((text) =>
  Buffer.from(sealBlob(binding, Buffer.from(text)))
)

const sealedStream = (...pieces: ReadonlyArray<string>): Buffer => {
  const { head, sealer } = beginStream(stream)
  return Buffer.concat([head, ...pieces.flatMap((piece) => [...sealer.push(Buffer.from(piece))]), sealer.end()])
}
const streams = [
  sealedStream(),
  sealedStream("x"),
  sealedStream("several ", "pieces"),
  sealedStream("z".repeat(40_000))
]

const isOneOf = (known: ReadonlyArray<Buffer>, input: Buffer): boolean => known.some((each) => each.equals(input))

const opens = (input: Buffer): boolean => typeof openBlob(binding, input) !== "string"

/** Opens the whole stream; false when it is refused with the one error that is declared. */
const streamOpens = (input: Buffer): boolean => {
  try {
    const opener = openerOf(stream, input.subarray(0, STREAM_HEAD_BYTES))
    for (const _ of opener.push(input.subarray(STREAM_HEAD_BYTES)));
    opener.end()
    return true
  } catch (error) {
    if (error instanceof CipherFailed) return false
    throw error
  }
}

const onlyUnchanged =
  (known: ReadonlyArray<Buffer>, opens: (input: Buffer) => boolean) =>
  (input: Buffer): boolean => {
    const isOpen = opens(input)
    if (isOpen !== isOneOf(known, input))
      throw new Error(isOpen ? "a changed value opens" : "an unchanged value does not open")
    return isOpen
  }

const KEY_NAMES = [
  Buffer.from("0123456789abcdef01234567", "hex"),
  Buffer.of(1, 0, 0, 1),
  Buffer.of(3, 0, 0, 1),
  Buffer.alloc(24)
]

export const vaultDecoders: ReadonlyArray<Decoder> = [
  {
    name: "blob header",
    share: 3,
    seeds: blobs,
    tokens: KEY_NAMES,
    check: (input) => Result.isSuccess(blobHeader(input))
  },
  textDecoder({
    name: "blob as text",
    share: 2,
    seeds: blobs.map(blobToText),
    tokens: ["fv1.", "=", "+", "/", "-", "_", "A", "\n"],
    read: (text) => Result.getOrUndefined(blobFromText(text)),
    write: blobToText
  }),
  { name: "blob", share: 1, seeds: blobs, tokens: KEY_NAMES, check: onlyUnchanged(blobs, opens) },
  { name: "stream", share: 0.5, seeds: streams, tokens: KEY_NAMES, check: onlyUnchanged(streams, streamOpens) }
]
