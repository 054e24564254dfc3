// The root key in the transit engine of OpenBao or HashiCorp Vault (https://openbao.org/api-docs/secret/transit/): it never leaves it.
import { Effect, Layer, Result, Schema } from "effect"
import { additionalData } from "../blob/context.ts"
import { KEY_BYTES } from "../keys/key-file.ts"
import { type KeyName, wrappedKeyParts } from "../keys/key-scope.ts"
import { RootKey, RootKeyFailed, type RootKeyProvider } from "../keys/root-key.ts"
import {
  failed,
  isSafeAddress,
  type TransitAnswer,
  type TransitOptions,
  transitId,
  transitRequest
} from "./transit-request.ts"

const NO_HEADER = new Uint8Array(0)
/** Those that take associated data, with 256 bits. */
const KEY_TYPES = ["aes256-gcm96", "chacha20-poly1305"]

/**
 * The root key in a transit engine. The token's policy needs `read` on `keys/NAME` and `update` on `encrypt/NAME` and `decrypt/NAME`. A
 * key that is rotated there goes on working; what it wrapped before is wrapped by its new version when the root key is rotated here.
 *
 * Fails at the start with `RootKeyFailed`: `unusable` for another type of key or an address without TLS, `denied`, `unavailable`.
 */
export const rootKeyTransitLayer = (options: TransitOptions): Layer.Layer<RootKey, RootKeyFailed> =>
  Layer.effect(
    RootKey,
    Effect.gen(function* () {
      if (!isSafeAddress(options.address)) return yield* failed(options, "unusable", NO_TLS)
      const provider = transitProvider({ ...options, address: options.address.replace(/\/+$/, "") })
      yield* provider.describe
      return RootKey.of(provider)
    })
  )

const NO_TLS =
  "the address must begin with https:// (http:// is for this machine only), and hold nothing but host and port"

const transitProvider = (options: TransitOptions): RootKeyProvider => {
  const request = transitRequest(options)
  const name = encodeURIComponent(options.key)
  const refuse = (answer: TransitAnswer, whenBad: RootKeyFailed["reason"]) =>
    Effect.fail(refusal(options, answer, whenBad))
  return {
    describe: Effect.gen(function* () {
      const answer = yield* request({ path: `keys/${name}` })
      if (answer.status !== 200) return yield* refuse(answer, "unusable")
      const key = decodeKey(answer.data)
      if (Result.isFailure(key)) return yield* failed(options, "unusable", "this is no transit key")
      if (key.success.derived || !KEY_TYPES.includes(key.success.type)) {
        return yield* failed(options, "unusable", `the key must be of type ${KEY_TYPES.join(" or ")}, and not derived`)
      }
      return { provider: "transit", id: transitId(options), location: options.address }
    }),
    wrap: Effect.fnUntraced(function* (keyName, bytes) {
      const body = {
        plaintext: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64"),
        associated_data: bindingOf(keyName)
      }
      const answer = yield* request({ path: `encrypt/${name}`, body })
      const { ciphertext } = Result.getOrElse(decodeData(answer.data), (): Answered => ({}))
      return ciphertext === undefined ? yield* refuse(answer, "unusable") : Buffer.from(ciphertext, "utf8")
    }),
    unwrap: Effect.fnUntraced(function* (keyName, wrapped) {
      const ciphertext = Buffer.from(wrapped).toString("utf8")
      if (!CIPHERTEXT.test(ciphertext)) return yield* failed(options, "altered", "this is no ciphertext of transit")
      const answer = yield* request({
        path: `decrypt/${name}`,
        body: { ciphertext, associated_data: bindingOf(keyName) }
      })
      const { plaintext } = Result.getOrElse(decodeData(answer.data), (): Answered => ({}))
      if (plaintext === undefined) return yield* refuse(answer, "altered")
      const key = Buffer.from(plaintext, "base64")
      if (key.length === KEY_BYTES) return key
      key.fill(0)
      return yield* failed(options, "altered", "what it wraps is no key")
    })
  }
}

const CIPHERTEXT = /^vault:v\d+:[A-Za-z0-9+/]+=*$/

const decodeKey = Schema.decodeUnknownResult(
  Schema.Struct({ type: Schema.String, derived: Schema.optionalKey(Schema.Boolean) })
)
const decodeData = Schema.decodeUnknownResult(
  Schema.Struct({ ciphertext: Schema.optionalKey(Schema.String), plaintext: Schema.optionalKey(Schema.String) })
)
type Answered = { readonly ciphertext?: string; readonly plaintext?: string }

const bindingOf = (name: KeyName): string =>
  Buffer.from(additionalData(NO_HEADER, wrappedKeyParts(name))).toString("base64")

/** 400 says anything: the texts are those of OpenBao 2 and Vault 1. */
const refusal = (options: TransitOptions, { status, errors }: TransitAnswer, whenBad: RootKeyFailed["reason"]) => {
  const text = errors.join(" ")
  if (status === 403) return failed(options, "denied", "status 403")
  if (status === 404 || text.includes("key not found")) return failed(options, "unusable", "there is no such key")
  if (text.includes("disallowed by policy")) {
    return failed(
      options,
      "unusable",
      "its min_decryption_version is too high: lower it, then rotate the root key here"
    )
  }
  return failed(options, whenBad, `status ${status}`)
}
