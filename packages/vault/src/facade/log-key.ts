// The key that signs the audit log's checkpoints, in a file like the root key's.
import { createHmac } from "node:crypto"
import { parseSigningKey, signingKeyText } from "@fluxcybers/core"
import { Effect, Result } from "effect"
import { readOrCreateKeyFile } from "../keys/key-file.ts"

/** The server names its log in the same way: each can open what the other made. */
const NAME_LABEL = "fluxcybers/server/v1/log-name"
const NAME_HEX_DIGITS = 16

/** The log is named by a MAC under its own key, so that no two logs share a name and nothing else has to be stored. */
export const loadLogKey = Effect.fnUntraced(function* (path: string, createIfMissing: boolean) {
  const seed = yield* readOrCreateKeyFile({ path, createIfMissing })
  const digest = createHmac("sha256", seed).update(NAME_LABEL).digest("hex")
  // The name is ours and the seed has the right length: neither refusal can happen.
  const text = Result.getOrThrow(signingKeyText(`fluxcybers.local/${digest.slice(0, NAME_HEX_DIGITS)}`, seed))
  seed.fill(0)
  return Result.getOrThrow(parseSigningKey(text))
})
