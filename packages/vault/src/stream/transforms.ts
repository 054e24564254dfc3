// Sealing and opening as async transforms of JavaScript: for `pipeline`, `for await`, files and sockets.
import type { KeyId, SealingKey } from "../blob/sealed-blob.ts"
import { HeadCollector } from "./head.ts"
import { type MessageOpener, refuse } from "./message.ts"
import { beginStream, keyOfStream, openerOf, type StreamBinding } from "./sealed-stream.ts"

/** Pieces of any size, at their own pace. */
export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

export async function* sealStream(binding: StreamBinding, source: ByteSource): AsyncGenerator<Uint8Array, void> {
  const { head, sealer } = beginStream(binding)
  yield head
  for await (const piece of source) yield* sealer.push(piece)
  yield sealer.end()
}

export interface StreamOpening {
  readonly findKey: (id: KeyId) => SealingKey | Promise<SealingKey>
  readonly parts: ReadonlyArray<string>
}

export async function* openStream(
  { findKey, parts }: StreamOpening,
  source: ByteSource
): AsyncGenerator<Uint8Array, void> {
  const collector = new HeadCollector()
  let opener: MessageOpener | undefined
  for await (const piece of source) {
    const rest = opener === undefined ? collector.push(piece) : piece
    if (rest === undefined) continue
    opener ??= openerOf({ key: await findKey(keyOfStream(collector.head)), parts }, collector.head)
    yield* opener.push(rest)
  }
  yield (opener ?? refuse()).end()
}
