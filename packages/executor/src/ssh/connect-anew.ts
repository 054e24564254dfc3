// A connection of its own, not one that is kept: the credentials of today sign in.
import { type SecretDenied, SecretReader } from "@fluxcybers/core"
import { Effect } from "effect"
import type { PinnedJump, PinnedTarget } from "../plan.ts"
import type { CredentialMalformed } from "../run-error.ts"
import { revealCredential } from "./credential.ts"
import { makePool } from "./pool.ts"
import type { SshSettings } from "./settings.ts"

/** Reads the credential of a host from this reader. */
export const revealWith =
  (reader: SecretReader["Service"], { agent }: SshSettings) =>
  (host: PinnedJump) =>
    Effect.provideService(revealCredential(host, agent), SecretReader, reader)

/** Connects, through the jump hosts where there are any, and signs in everywhere; ends with the scope. */
export const connectAnew = Effect.fnUntraced(function* (target: PinnedTarget, settings: SshSettings) {
  const reveal = revealWith(yield* SecretReader, settings)
  const pool = yield* makePool<SecretDenied | CredentialMalformed>(settings)
  return yield* pool.get({ target, versionOf: () => 0, reveal })
})
