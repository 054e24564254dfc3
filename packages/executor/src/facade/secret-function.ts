// Secrets out of a function.
import { createHmac } from "node:crypto"
import { SecretDenied } from "@fluxcybers/core"
import { Effect, Layer, Redacted } from "effect"
import { SecretSource } from "../ports.ts"
import type { GateOptions } from "./options.ts"

/** What a safe integer can hold, in whole bytes. */
const VERSION_BYTES = 6

/** A function knows no versions: the version is an HMAC of the value, so that a changed value is another version and gives nothing away. */
export const secretFunctionLayer = ({
  key,
  secrets
}: Pick<GateOptions, "key" | "secrets">): Layer.Layer<SecretSource> => {
  const find = Effect.fnUntraced(function* (name: string) {
    const value = secrets === undefined ? undefined : yield* Effect.promise(() => secrets(name))
    if (value === undefined) return yield* new SecretDenied({ secret: name, reason: "unknown" })
    const bytes: Uint8Array = typeof value === "string" ? Buffer.from(value) : value
    const mac = createHmac("sha256", key).update(`${name}\0`).update(bytes).digest()
    return { bytes, version: mac.readUIntBE(0, VERSION_BYTES) }
  })
  return Layer.succeed(SecretSource, {
    version: (_, name) => Effect.map(find(name), ({ version }) => version),
    reveal: Effect.fnUntraced(function* ({ name, version }) {
      const found = yield* find(name)
      if (found.version !== version) return yield* new SecretDenied({ secret: name, reason: "version-changed" })
      return Redacted.make(found.bytes)
    })
  })
}
