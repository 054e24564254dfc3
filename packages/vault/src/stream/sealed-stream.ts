// A sealed stream (docs/spec/stream.md): the header of a sealed blob, then one message of Cobblestone-256 whose context is the header
// and the place where the stream belongs.
import { additionalData } from "../blob/context.ts"
import { HEADER_BYTES, type KeyId, keyNamedBy, type SealingKey, SUITES } from "../blob/sealed-blob.ts"
import { type ChunkCipher, PREFIX_BYTES, SALT_BYTES } from "../cipher/cobblestone.ts"
import { fillNonce } from "../cipher/nonce.ts"
import { committedCipher, MessageOpener, MessageSealer, refuse } from "./message.ts"

/** Header, salt and commitment: what has to be read before the first chunk. */
export const STREAM_HEAD_BYTES = HEADER_BYTES + PREFIX_BYTES

export interface StreamBinding {
  readonly key: SealingKey
  /** The parts of the place, as `recordParts` orders them. */
  readonly parts: ReadonlyArray<string>
}

/** The first piece of a new stream, and what seals the others. */
export const beginStream = ({ key, parts }: StreamBinding): { head: Uint8Array; sealer: MessageSealer } => {
  const salt = Buffer.alloc(SALT_BYTES)
  fillNonce(salt)
  const header = key.headers.stream
  const sealer = new MessageSealer(key.secret, salt, additionalData(header, parts))
  return { head: Buffer.concat([header, sealer.prefix]), sealer }
}

/** The id of the key that a stream names. Throws `CipherFailed` when its first bytes are no head of a stream. */
export const keyOfStream = (head: Uint8Array): KeyId => {
  const isHead = head.length === STREAM_HEAD_BYTES && head[0] === SUITES.stream && head[1] === 0
  return isHead ? keyNamedBy(head).keyId : refuse()
}

/** The cipher of a stream. Throws `CipherFailed` when its head is not of this key and place: nothing has been deciphered then. */
export const streamCipher = ({ key, parts }: StreamBinding, head: Uint8Array): ChunkCipher => {
  const header = key.headers.stream
  if (Buffer.compare(header, head.subarray(0, HEADER_BYTES)) !== 0) return refuse()
  return committedCipher(key.secret, head.subarray(HEADER_BYTES), additionalData(header, parts)) ?? refuse()
}

export const openerOf = (binding: StreamBinding, head: Uint8Array): MessageOpener =>
  new MessageOpener(streamCipher(binding, head))
