// The secret that signs in: a private key or a password.
import { type SecretDenied, SecretReader } from "@fluxcybers/core"
import { Effect, Redacted } from "effect"
import type ssh2 from "ssh2"
import type { PinnedJump } from "../plan.ts"
import { CredentialMalformed } from "../run-error.ts"
import { isKeyText, readPrivateKey } from "./private-key.ts"

export type Credential =
  | { readonly _tag: "Key"; readonly key: Redacted.Redacted<ssh2.ParsedKey> }
  | { readonly _tag: "Password"; readonly password: Redacted.Redacted }

/** Reads the secrets that sign in to a host, and says which of the two it is. */
export const revealCredential = Effect.fnUntraced(function* ({
  credential,
  passphrase
}: PinnedJump): Effect.fn.Return<Credential, SecretDenied | CredentialMalformed, SecretReader> {
  const reader = yield* SecretReader
  const opening = passphrase === undefined ? undefined : yield* revealPassphrase(passphrase)
  return yield* readCredential(credential, yield* reader.reveal(credential), opening)
})

const revealPassphrase = Effect.fnUntraced(function* (secret: string) {
  const value = yield* (yield* SecretReader).reveal(secret)
  const text = decoded(value)
  return text === undefined || text === ""
    ? yield* new CredentialMalformed({ secret, detail: "it is no passphrase, for it is empty or no text." })
    : Redacted.make(withoutLineBreak(text))
})

/** One line break at the end of a password is taken for the end of its file. ssh2 takes text, so that no copy of it can be wiped. */
const readCredential = Effect.fnUntraced(function* (
  secret: string,
  value: Redacted.Redacted<Uint8Array>,
  passphrase: Redacted.Redacted | undefined
) {
  const text = Redacted.value(value).length === 0 ? undefined : decoded(value)
  if (text === undefined) return yield* new CredentialMalformed({ secret, detail: NOT_TEXT })
  if (!isKeyText(text)) {
    const password = Redacted.make(withoutLineBreak(text))
    return { _tag: "Password", password } as const
  }
  const read = readPrivateKey(text, passphrase)
  if ("problem" in read) return yield* new CredentialMalformed({ secret, detail: read.problem })
  return { _tag: "Key", key: Redacted.make(read.key) } as const
})

const withoutLineBreak = (text: string): string => text.replace(/\r?\n$/, "")

const NOT_TEXT = "it is neither a private key nor a password, for it is empty or holds bytes that are no text."

const decoded = (value: Redacted.Redacted<Uint8Array>): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Redacted.value(value))
  } catch {
    return undefined
  }
}
