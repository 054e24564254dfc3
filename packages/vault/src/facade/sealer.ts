// Sealing with a root key file and nothing else: no database, no keyring. For one encrypted column in somebody else's application.
import { CipherFailed } from "@fluxcybers/core"
import { Result } from "effect"
import { recordParts } from "../blob/context.ts"
import { blobHeader, type KeyId, openBlob, type SealingKey, sealBlob, sealSegments } from "../blob/sealed-blob.ts"
import { blobFromText, blobToText } from "../blob/text.ts"
import { WrongRootKey } from "../keys/keyring.ts"
import { type ByteRange, openRange, type RandomAccess } from "../stream/range.ts"
import { type ByteSource, openStream, sealStream } from "../stream/transforms.ts"
import { bytesOf, type Place, sealedPlace } from "./place.ts"

/** Seals values for their place and opens them there. Values have at most 64 MiB. Everything happens at once: nothing to await. */
export interface Sealer extends StreamSealing {
  /** The sealed value as text (`fv1.…`). */
  seal(place: SealerPlace, value: string | Uint8Array): string
  /** The sealed value as bytes, 88 longer than the value. */
  sealBytes(place: SealerPlace, value: string | Uint8Array): Uint8Array
  /** The same bytes in three pieces, for `writev`: a large value is not copied once more. */
  sealSegments(
    place: SealerPlace,
    value: Uint8Array
  ): readonly [head: Uint8Array, ciphertext: Uint8Array, tag: Uint8Array]
  /** Throws when the value was altered, moved to another place, or sealed with another root key. */
  open(place: SealerPlace, sealed: string | Uint8Array): Uint8Array
  /** The same for a value that is text. */
  openText(place: SealerPlace, sealed: string | Uint8Array): string
}

/** A sealer's part for what is too large to be held in memory. */
export interface StreamSealing {
  /** Seals pieces of any size as one stream: `pipeline(source, (pieces) => sealer.sealStream(place, pieces), target)`. */
  sealStream(place: SealerPlace, source: ByteSource): AsyncIterable<Uint8Array>
  /** Opens it again. A stream that was cut off throws at its end: use nothing of it before. */
  openStream(place: SealerPlace, sealed: ByteSource): AsyncIterable<Uint8Array>
  /** Opens a part of it, and makes sure that its end is where it was. */
  openRange(place: SealerPlace, sealed: RandomAccess, range: ByteRange): AsyncIterable<Uint8Array>
}

/** A place without a data subject: one root key has no keys of its own for people. */
export type SealerPlace = Omit<Place, "subject">

export const makeSealer = (key: SealingKey, location: string): Sealer => {
  const binding = (place: SealerPlace) =>
    ({ suite: "record", key, parts: recordParts({ ...sealedPlace(place), purpose: "field" }) }) as const
  const sealBytes: Sealer["sealBytes"] = (place, value) => sealBlob(binding(place), bytesOf(value))
  const open: Sealer["open"] = (place, sealed) => {
    const blob = typeof sealed === "string" ? Result.getOrThrow(blobFromText(sealed)) : sealed
    const opened = openBlob(binding(place), blob)
    if (typeof opened !== "string") return opened
    findKey(key, location)(Result.getOrThrow(blobHeader(blob)).keyId)
    throw new CipherFailed({ reason: "cannot-open" })
  }
  return {
    ...streamSealing(key, location),
    sealBytes,
    open,
    seal: (place, value) => blobToText(sealBytes(place, value)),
    sealSegments: (place, value) => sealSegments(binding(place), value),
    openText: (place, sealed) => Buffer.from(open(place, sealed)).toString("utf8")
  }
}

const streamSealing = (key: SealingKey, location: string): StreamSealing => {
  const partsOf = (place: SealerPlace) => recordParts({ ...sealedPlace(place), purpose: "stream" })
  const opening = (place: SealerPlace) => ({ findKey: findKey(key, location), parts: partsOf(place) })
  return {
    sealStream: (place, source) => sealStream({ key, parts: partsOf(place) }, source),
    openStream: (place, sealed) => openStream(opening(place), sealed),
    openRange: (place, sealed, range) => openRange(opening(place), sealed, range)
  }
}

/** Which key a value names is not secret, and whoever has the wrong key file should be told. */
const findKey =
  (key: SealingKey, location: string) =>
  (id: KeyId): SealingKey => {
    if (id !== key.id) throw new WrongRootKey({ missing: [id], present: key.id, location })
    return key
  }
