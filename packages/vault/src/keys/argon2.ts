// argon2id (RFC 9106) of node:crypto.
import * as crypto from "node:crypto"
import { Effect, Redacted } from "effect"
import { KEY_BYTES } from "./key-file.ts"

export const SALT_BYTES = 32

/** What a guess costs. */
export interface Argon2Cost {
  readonly memoryKiB: number
  readonly passes: number
  readonly parallelism: number
}

/** 32 bytes; the caller wipes them. Runs beside the event loop. Fails with the reason, where Node.js has no argon2. */
export const argon2id = (
  passphrase: Redacted.Redacted<string>,
  salt: Uint8Array,
  { memoryKiB, passes, parallelism }: Argon2Cost
): Effect.Effect<Uint8Array, string> =>
  Effect.callback((resume) => {
    // The types say that it is always there; it came with Node.js 24.7.
    const derive: typeof crypto.argon2 | undefined = crypto.argon2
    if (derive === undefined) return resume(Effect.fail(MISSING))
    const message = Buffer.from(Redacted.value(passphrase), "utf8")
    const parameters = { message, nonce: salt, memory: memoryKiB, passes, parallelism, tagLength: KEY_BYTES }
    derive("argon2id", parameters, (error, key) => {
      message.fill(0)
      resume(error === null ? Effect.succeed(key) : Effect.fail(error.message))
    })
  })

const MISSING = `a passphrase needs argon2, which Node.js has from 24.7 on, and this is ${process.version}; update it, or use a root key file`
