// A SubjectCipher out of one key, for hosts that bring no vault. Everything is sealed under that key: nothing can be erased by
// destroying the key of one person or one organisation.
import { createCipheriv, createDecipheriv, hkdfSync, randomFillSync } from "node:crypto"
import { CipherFailed, canonicalJson, type SealedPlace, SubjectCipher } from "@fluxcybers/core"
import { Effect, Layer, Redacted, Schema } from "effect"

const KEY_BYTES = 32
const VERSION = 1
const SALT_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const INFO = "fluxcybers/executor/key-cipher/v1"

/** The key does not have 32 bytes. Nothing was sealed or opened. */
export class KeyInvalid extends Schema.TaggedError<KeyInvalid>()("KeyInvalid", { bytes: Schema.Int }) {
  override get message() {
    return `The key has ${this.bytes} bytes; it must have ${KEY_BYTES}, all of them random.`
  }
}

/**
 * Seals with AES-256-GCM. Each message has a key and a nonce of its own, derived with HKDF-SHA-256 (RFC 5869) from the given key and
 * a random salt of 32 bytes, so that no number of messages wears the key out; the place is authenticated.
 * Layout: version (1 byte), salt (32), ciphertext, tag (16).
 */
export const keyCipherLayer = (key: Redacted.Redacted<Uint8Array>): Layer.Layer<SubjectCipher, KeyInvalid> =>
  Layer.effect(
    SubjectCipher,
    Effect.suspend(() => {
      const bytes = Redacted.value(key).length
      if (bytes !== KEY_BYTES) return Effect.fail(new KeyInvalid({ bytes }))
      return Effect.succeed(
        SubjectCipher.of({
          seal: (place, plaintext) => Effect.sync(() => seal(Redacted.value(key), place, plaintext)),
          open: (place, sealed) =>
            Effect.try({
              try: () => open(Redacted.value(key), place, sealed),
              catch: () => new CipherFailed({ reason: "cannot-open" })
            })
        })
      )
    })
  )

const seal = (key: Uint8Array, place: SealedPlace, plaintext: Uint8Array): Uint8Array => {
  const salt = randomFillSync(new Uint8Array(SALT_BYTES))
  const cipher = createCipheriv("aes-256-gcm", ...derive(key, salt)).setAAD(associated(place))
  return Buffer.concat([Buffer.of(VERSION), salt, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

const open = (key: Uint8Array, place: SealedPlace, sealed: Uint8Array): Uint8Array => {
  if (sealed[0] !== VERSION || sealed.length < 1 + SALT_BYTES + TAG_BYTES) throw new Error("not a sealed value")
  const salt = sealed.subarray(1, 1 + SALT_BYTES)
  const decipher = createDecipheriv("aes-256-gcm", ...derive(key, salt))
    .setAAD(associated(place))
    .setAuthTag(sealed.subarray(-TAG_BYTES))
  return Buffer.concat([decipher.update(sealed.subarray(1 + SALT_BYTES, -TAG_BYTES)), decipher.final()])
}

const derive = (key: Uint8Array, salt: Uint8Array): [key: Uint8Array, nonce: Uint8Array] => {
  const derived = new Uint8Array(hkdfSync("sha256", key, salt, INFO, KEY_BYTES + NONCE_BYTES))
  return [derived.subarray(0, KEY_BYTES), derived.subarray(KEY_BYTES)]
}

const associated = (place: SealedPlace): Uint8Array => new TextEncoder().encode(canonicalJson({ ...place }))
