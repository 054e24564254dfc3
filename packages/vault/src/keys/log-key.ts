// The key that signs the audit log's checkpoints, in a file like the root key's.
import { createHmac } from "node:crypto"
import { parseSigningKey, signingKeyText } from "@fluxcybers/core"
import { Effect, Result } from "effect"
import { type KeyFileOptions, readOrCreateKeyFile } from "./key-file.ts"

const NAME_LABEL = "fluxcybers/server/v1/log-name"
const NAME_HEX_DIGITS = 16

/**
 * The signer of a key file of 32 random bytes. The log is named by a MAC under its own key, so that no two logs share a name and nothing
 * else has to be stored.
 */
export const loadLogKey = Effect.fn("loadLogKey")(function* (options: KeyFileOptions) {
  const seed = yield* readOrCreateKeyFile(options)
  const digest = createHmac("sha256", seed).update(NAME_LABEL).digest("hex")
  // The name is ours and the seed has the right length: neither refusal can happen.
  const text = Result.getOrThrow(signingKeyText(`fluxcybers.local/${digest.slice(0, NAME_HEX_DIGITS)}`, seed))
  seed.fill(0)
  return Result.getOrThrow(parseSigningKey(text))
})
