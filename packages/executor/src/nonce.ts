// Random values that must not be guessed or met twice.
import { IdRandom } from "@fluxcybers/core"
import { Effect } from "effect"

const NONCE_BYTES = 16

/** 128 random bits, in hex. */
export const randomNonce: Effect.Effect<string> = Effect.gen(function* () {
  const fill = yield* IdRandom
  const bytes = new Uint8Array(NONCE_BYTES)
  fill(bytes)
  return Buffer.from(bytes).toString("hex")
})
