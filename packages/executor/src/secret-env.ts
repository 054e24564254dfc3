// The environment variables of a plan whose values are secrets.
import { type SecretDenied, SecretReader } from "@fluxcybers/core"
import { Effect, Redacted } from "effect"
import type { Plan } from "./plan.ts"
import { CredentialMalformed } from "./run-error.ts"

/** Reads the secrets that the plan puts into the environment, each in its approved version. Name of the variable to its value. */
export const revealSecretEnv = Effect.fnUntraced(function* (
  plan: Plan
): Effect.fn.Return<
  ReadonlyArray<readonly [name: string, value: Redacted.Redacted]>,
  SecretDenied | CredentialMalformed,
  SecretReader
> {
  const reader = yield* SecretReader
  return yield* Effect.forEach(Object.entries(plan.secretEnv), ([name, secret]) =>
    Effect.gen(function* () {
      const text = decodeText(yield* reader.reveal(secret))
      if (text === undefined) return yield* new CredentialMalformed({ secret, detail: NOT_TEXT })
      return [name, text] as const
    })
  )
})

const NOT_TEXT = "it holds bytes that are no text, so that it cannot be an environment variable."

const decodeText = (secret: Redacted.Redacted<Uint8Array>): Redacted.Redacted | undefined => {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Redacted.value(secret))
    return text.includes("\0") ? undefined : Redacted.make(text)
  } catch {
    return undefined
  }
}
