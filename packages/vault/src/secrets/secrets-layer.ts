// The secrets of an organisation in the database: sealed under its key, each value bound to its name and version.
import type { AuditLog, Database } from "@fluxcybers/core"
import { Effect, Layer } from "effect"
import type { Keyring } from "../keys/keyring.ts"
import { Secrets } from "../secrets.ts"
import { makeReads } from "./read-secrets.ts"
import { makeWrites } from "./write-secrets.ts"

/** The `Secrets` of this vault. Run `vaultMigrations` before. */
export const secretsLayer: Layer.Layer<Secrets, never, Database | AuditLog | Keyring> = Layer.effect(
  Secrets,
  Effect.gen(function* () {
    const reads = yield* makeReads
    const writes = yield* makeWrites
    return Secrets.of({ ...reads, ...writes })
  })
)
