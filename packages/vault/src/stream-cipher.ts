// Seals and opens streams with the keyring: transcripts, exports, backups. Memory stays below two chunks whatever the length.
import { CipherFailed, type SealedPlace } from "@fluxcybers/core"
import { Context, Effect, Layer, Stream } from "effect"
import { recordParts } from "./blob/context.ts"
import { Keyring } from "./keys/keyring.ts"
import { keyToOpen, recordScope } from "./record-cipher.ts"
import { HeadCollector } from "./stream/head.ts"
import type { MessageOpener } from "./stream/message.ts"
import { beginStream, keyOfStream, openerOf, type StreamBinding } from "./stream/sealed-stream.ts"

/**
 * Streams sealed for their place, under the organisation's key or the data subject's (docs/spec/stream.md). `open` gives each chunk
 * once it is authenticated; a stream that was cut off fails with `CipherFailed` at its end: use nothing of it before. A lost key is a
 * defect when sealing.
 */
export class StreamCipher extends Context.Service<
  StreamCipher,
  {
    seal<E, R>(place: SealedPlace, plaintext: Stream.Stream<Uint8Array, E, R>): Stream.Stream<Uint8Array, E, R>
    open<E, R>(
      place: SealedPlace,
      sealed: Stream.Stream<Uint8Array, E, R>
    ): Stream.Stream<Uint8Array, E | CipherFailed, R>
  }
>()("fluxcybers/vault/StreamCipher") {}

const END = Symbol("end of the stream")
type Piece = Uint8Array | typeof END

/** `StreamCipher` on the keyring. */
export const streamCipherLayer: Layer.Layer<StreamCipher, never, Keyring> = Layer.effect(
  StreamCipher,
  Effect.map(Keyring, (keyring) =>
    StreamCipher.of({
      seal: (place, plaintext) =>
        Stream.unwrap(
          Effect.map(Effect.orDie(keyring.current(recordScope(contextOf(place)))), (key) =>
            sealed({ key, parts: recordParts(contextOf(place)) }, plaintext)
          )
        ),
      open: (place, stream) =>
        withEnd(stream).pipe(
          Stream.mapAccumEffect(
            () => new Opening(keyring, place),
            (opening, piece) => Effect.map(opening.take(piece), (chunks) => [opening, chunks] as const)
          )
        )
    })
  )
)

const contextOf = (place: SealedPlace) => ({ ...place, purpose: "stream" })

const withEnd = <E, R>(stream: Stream.Stream<Uint8Array, E, R>): Stream.Stream<Piece, E, R> =>
  Stream.concat(stream, Stream.succeed(END))

const sealed = <E, R>(binding: StreamBinding, plaintext: Stream.Stream<Uint8Array, E, R>) => {
  const { head, sealer } = beginStream(binding)
  const chunks = withEnd(plaintext).pipe(
    Stream.flatMap((piece) =>
      piece === END ? Stream.sync(() => sealer.end()) : Stream.fromIterable(sealer.push(piece))
    )
  )
  return Stream.concat(Stream.succeed(head), chunks)
}

/** A stream that is being opened: first its head, then its key, then its chunks. */
class Opening {
  readonly #keyring: Keyring["Service"]
  readonly #place: SealedPlace
  readonly #collector = new HeadCollector()
  #opener: MessageOpener | undefined

  constructor(keyring: Keyring["Service"], place: SealedPlace) {
    this.#keyring = keyring
    this.#place = place
  }

  take(piece: Piece): Effect.Effect<ReadonlyArray<Uint8Array>, CipherFailed> {
    if (this.#opener !== undefined) return chunksOf(this.#opener, piece)
    if (piece === END) return Effect.fail(new CipherFailed({ reason: "cannot-open" }))
    const rest = this.#collector.push(piece)
    if (rest === undefined) return Effect.succeed([])
    return Effect.flatMap(this.#begin(), (opener) => chunksOf(opener, rest))
  }

  #begin() {
    const context = contextOf(this.#place)
    const { head } = this.#collector
    return attempt(() => keyOfStream(head)).pipe(
      Effect.flatMap((id) => keyToOpen(this.#keyring, context, id)),
      Effect.flatMap((key) => attempt(() => openerOf({ key, parts: recordParts(context) }, head))),
      Effect.tap((opener) =>
        Effect.sync(() => {
          this.#opener = opener
        })
      )
    )
  }
}

const chunksOf = (opener: MessageOpener, piece: Piece) =>
  attempt(() => (piece === END ? [opener.end()] : [...opener.push(piece)]))

const attempt = <A>(work: () => A): Effect.Effect<A, CipherFailed> =>
  Effect.try({
    try: work,
    catch: (cause) => {
      if (cause instanceof CipherFailed) return cause
      throw cause
    }
  })
