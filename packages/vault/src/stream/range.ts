// Reads a part of a sealed stream without reading what stands before it.
import { CHUNK_BYTES, type ChunkCipher, SEALED_CHUNK_BYTES } from "../cipher/cobblestone.ts"
import { refuse } from "./message.ts"
import { keyOfStream, STREAM_HEAD_BYTES, streamCipher } from "./sealed-stream.ts"
import type { StreamOpening } from "./transforms.ts"

/** Where sealed bytes can be read at any position: a file, a stored object. */
export interface RandomAccess {
  /** Length of all of it. */
  readonly bytes: number
  read(offset: number, length: number): Promise<Uint8Array>
}

/** Positions in the plaintext: from `start` up to, not including, `end`. What lies behind its end is left out. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * The plaintext of a range. The last chunk is always opened first: it authenticates where the stream ends, so that a stream that was
 * cut off is refused even when the range lies before the cut.
 */
export async function* openRange(
  opening: StreamOpening,
  source: RandomAccess,
  range: ByteRange
): AsyncGenerator<Uint8Array, void> {
  if (![range.start, range.end].every((at) => Number.isSafeInteger(at) && at >= 0)) {
    throw new RangeError("The positions of a range are whole numbers from 0.")
  }
  const cipher = await cipherOf(opening, source)
  const lastIndex = Math.floor((source.bytes - STREAM_HEAD_BYTES) / SEALED_CHUNK_BYTES)
  const last = await openChunk(cipher, source, lastIndex)
  const end = Math.min(range.end, lastIndex * CHUNK_BYTES + last.length)
  for (let at = range.start; at < end; ) {
    const index = Math.floor(at / CHUNK_BYTES)
    const chunkStart = index * CHUNK_BYTES
    const chunk = index === lastIndex ? last : await openChunk(cipher, source, index)
    yield chunk.subarray(at - chunkStart, end - chunkStart)
    at = chunkStart + CHUNK_BYTES
  }
}

const cipherOf = async ({ findKey, parts }: StreamOpening, source: RandomAccess): Promise<ChunkCipher> => {
  const head = await source.read(0, STREAM_HEAD_BYTES)
  return streamCipher({ key: await findKey(keyOfStream(head)), parts }, head)
}

const openChunk = async (cipher: ChunkCipher, source: RandomAccess, index: number): Promise<Uint8Array> => {
  const offset = STREAM_HEAD_BYTES + index * SEALED_CHUNK_BYTES
  const sealed = await source.read(offset, Math.min(SEALED_CHUNK_BYTES, source.bytes - offset))
  return cipher.open(index, sealed) ?? refuse()
}
