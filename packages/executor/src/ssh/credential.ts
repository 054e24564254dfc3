// The secret that signs in: a private key, with or without a certificate; the name of a key in an ssh-agent; or a password.
import { type SecretDenied, SecretReader } from "@fluxcybers/core"
import { Clock, Effect, Redacted } from "effect"
import type ssh2 from "ssh2"
import type { PinnedJump } from "../plan.ts"
import { CredentialMalformed } from "../run-error.ts"
import { agentIdentity, certifiedIdentity, type Identity, type IdentityFound } from "./identity.ts"
import { certificateLineIn, isKeyText, readPrivateKey } from "./private-key.ts"

export type Credential =
  | { readonly _tag: "Key"; readonly key: Redacted.Redacted<ssh2.ParsedKey> }
  | { readonly _tag: "Identity"; readonly identity: Redacted.Redacted<Identity> }
  | { readonly _tag: "Password"; readonly password: Redacted.Redacted }

/** Reads the secrets that sign in to a host, and says what it is. `agent` is the socket of the ssh-agent, where there is one. */
export const revealCredential = Effect.fnUntraced(function* (
  { credential, passphrase }: PinnedJump,
  agent: string | undefined
): Effect.fn.Return<Credential, SecretDenied | CredentialMalformed, SecretReader> {
  const reader = yield* SecretReader
  const opening = passphrase === undefined ? undefined : yield* revealPassphrase(passphrase)
  const value = yield* reader.reveal(credential)
  const text = Redacted.value(value).length === 0 ? undefined : decoded(value)
  if (text === undefined) return yield* new CredentialMalformed({ secret: credential, detail: NOT_TEXT })
  const [, fingerprint] = IN_AGENT.exec(text) ?? []
  return fingerprint === undefined
    ? yield* readCredential(credential, text, opening)
    : yield* inAgent(credential, fingerprint, agent)
})

const revealPassphrase = Effect.fnUntraced(function* (secret: string) {
  const value = yield* (yield* SecretReader).reveal(secret)
  const text = decoded(value)
  return text === undefined || text === ""
    ? yield* new CredentialMalformed({ secret, detail: "it is no passphrase, for it is empty or no text." })
    : Redacted.make(withoutLineBreak(text))
})

/** The fingerprint pins the key: an agent that holds others only is refused. */
const IN_AGENT = /^ssh-agent:(SHA256:[A-Za-z0-9+/]{43})\s*$/

const inAgent = Effect.fnUntraced(function* (secret: string, fingerprint: string, agent: string | undefined) {
  if (agent === undefined) return yield* new CredentialMalformed({ secret, detail: AGENT_OFF })
  const nowMs = yield* Clock.currentTimeMillis
  return yield* asCredential(secret, yield* Effect.promise(() => agentIdentity(agent, fingerprint, nowMs)))
})

const AGENT_OFF =
  "it names a key of an ssh-agent, and this server uses none. Start it with FLUXCYBERS_SSH_AGENT, or store the private key."

const asCredential = (secret: string, found: IdentityFound): Effect.Effect<Credential, CredentialMalformed> =>
  "problem" in found
    ? Effect.fail(new CredentialMalformed({ secret, detail: found.problem }))
    : Effect.succeed({ _tag: "Identity", identity: Redacted.make(found.identity) })

/** One line break at the end of a password is taken for the end of its file. ssh2 takes text, so that no copy of it can be wiped. */
const readCredential = Effect.fnUntraced(function* (
  secret: string,
  text: string,
  passphrase: Redacted.Redacted | undefined
): Effect.fn.Return<Credential, CredentialMalformed> {
  if (!isKeyText(text)) return { _tag: "Password", password: Redacted.make(withoutLineBreak(text)) }
  const read = readPrivateKey(text, passphrase)
  if ("problem" in read) return yield* new CredentialMalformed({ secret, detail: read.problem })
  const certificate = certificateLineIn(text)
  if (certificate === undefined) return { _tag: "Key", key: Redacted.make(read.key) }
  return yield* asCredential(secret, certifiedIdentity(read.key, certificate, yield* Clock.currentTimeMillis))
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
