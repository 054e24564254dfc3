// Streams of a vault of promises: the keys come from its keyring, the bytes pass by.
import { recordParts } from "../blob/context.ts"
import type { Keyring } from "../keys/keyring.ts"
import { keyToOpen, recordScope } from "../record-cipher.ts"
import { openRange } from "../stream/range.ts"
import { openStream, type StreamOpening, sealStream } from "../stream/transforms.ts"
import { type Place, sealedPlace } from "./place.ts"
import type { Run } from "./start-vault.ts"
import type { Vault } from "./vault.ts"

export const streamsOf = (
  keyring: Keyring["Service"],
  run: Run
): Pick<Vault, "sealStream" | "openStream" | "openRange"> => {
  const contextOf = (place: Place) => ({ ...sealedPlace(place), purpose: "stream" })
  const opening = (place: Place): StreamOpening => ({
    parts: recordParts(contextOf(place)),
    findKey: (id) => run(keyToOpen(keyring, contextOf(place), id))
  })
  return {
    sealStream: async function* (place, source) {
      const key = await run(keyring.current(recordScope(contextOf(place))))
      yield* sealStream({ key, parts: recordParts(contextOf(place)) }, source)
    },
    openStream: (place, sealed) => openStream(opening(place), sealed),
    openRange: (place, sealed, range) => openRange(opening(place), sealed, range)
  }
}
