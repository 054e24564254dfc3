// Sealing with a root key file and nothing else: no database, no keyring. For one encrypted column in somebody else's application.
import { CipherFailed } from "@fluxcybers/core"
import { Result } from "effect"
import { recordParts } from "../blob/context.ts"
import { blobHeader, openBlob, type SealingKey, sealBlob, sealSegments } from "../blob/sealed-blob.ts"
import { blobFromText, blobToText } from "../blob/text.ts"
import { WrongRootKey } from "../keys/keyring.ts"
import { bytesOf, type Place, sealedPlace } from "./place.ts"

/** Seals values for their place and opens them there. Values have at most 64 MiB. Everything happens at once: nothing to await. */
export interface Sealer {
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

/** A place without a data subject: one root key has no keys of its own for people. */
export type SealerPlace = Omit<Place, "subject">

export const makeSealer = (key: SealingKey, location: string): Sealer => {
  const binding = (place: SealerPlace) =>
    ({ suite: "record", key, parts: recordParts({ ...sealedPlace(place), purpose: "field" }) }) as const
  const sealBytes: Sealer["sealBytes"] = (place, value) => sealBlob(binding(place), bytesOf(value))
  const open: Sealer["open"] = (place, sealed) => {
    const blob = typeof sealed === "string" ? Result.getOrThrow(blobFromText(sealed)) : sealed
    const { keyId } = Result.getOrThrow(blobHeader(blob))
    // Which key a value names is not secret, and whoever has the wrong key file should be told.
    if (keyId !== key.id) throw new WrongRootKey({ missing: [keyId], present: key.id, location })
    const opened = openBlob(binding(place), blob)
    if (typeof opened === "string") throw new CipherFailed({ reason: "cannot-open" })
    return opened
  }
  return {
    sealBytes,
    open,
    seal: (place, value) => blobToText(sealBytes(place, value)),
    sealSegments: (place, value) => sealSegments(binding(place), value),
    openText: (place, sealed) => Buffer.from(open(place, sealed)).toString("utf8")
  }
}
