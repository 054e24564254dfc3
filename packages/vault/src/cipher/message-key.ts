// In which form node:crypto is handed the key of one message (docs/decisions/0013-keys-of-messages.md).
import { createCipheriv, createSecretKey, type KeyObject } from "node:crypto"

/** What a cipher of node:crypto takes for its key. Text has one character for each byte. */
export type CipherKey = Uint8Array | KeyObject | string

/** What a message holds: a value, which lies in memory itself once it is open, or a key that protects others. */
export type Holding = "value" | "key"

/** The encoding is that of keys which are text; other keys do not have one. */
export const CIPHER_OPTIONS = { authTagLength: 16, encoding: "latin1" } as const

/** The form that costs least here. The key to another key is never text: nothing overwrites text when it is let go. */
export const messageKey = (derived: Buffer, holding: Holding): CipherKey => {
  cheapest ??= {
    value: cheapestOf(isTextUnderstood() ? ALL_FORMS : OVERWRITTEN_FORMS),
    key: cheapestOf(OVERWRITTEN_FORMS)
  }
  return FORMS[cheapest[holding]](derived)
}

type Form = "bytes" | "keyObject" | "text"

const FORMS: Readonly<Record<Form, (derived: Buffer) => CipherKey>> = {
  bytes: (derived) => derived,
  keyObject: (derived) => createSecretKey(derived),
  text: (derived) => derived.toString("latin1")
}
const OVERWRITTEN_FORMS: ReadonlyArray<Form> = ["bytes", "keyObject"]
const ALL_FORMS: ReadonlyArray<Form> = ["bytes", "keyObject", "text"]

let cheapest: Readonly<Record<Holding, Form>> | undefined

/** A release that takes the text for UTF-8 finds more than 32 bytes, or other ones. */
const isTextUnderstood = (): boolean => {
  const key = Buffer.from(Array.from({ length: 32 }, (_, i) => 0xe0 | i))
  const sealed = (form: Form) => newCipher(FORMS[form](key)).update(key).toString("hex")
  try {
    return sealed("text") === sealed("keyObject")
  } catch {
    return false
  }
}

const PROBE_ROUNDS = 5
const PROBE_CIPHERS = 20

/** Releases of Node charge 10 to 20 µs for a cipher with one form of key and 1 µs with another, and their numbers do not tell which. */
const cheapestOf = (forms: ReadonlyArray<Form>): Form => {
  const times = new Map(forms.map((form) => [form, Number.POSITIVE_INFINITY]))
  for (let round = 0; round < PROBE_ROUNDS; round++) {
    for (const form of forms) times.set(form, Math.min(times.get(form)!, timeCiphers(FORMS[form])))
  }
  return forms.toSorted((one, other) => times.get(one)! - times.get(other)!)[0]!
}

const timeCiphers = (form: (derived: Buffer) => CipherKey): number => {
  const key = Buffer.alloc(32)
  const startedAt = process.hrtime.bigint()
  for (let i = 0; i < PROBE_CIPHERS; i++) newCipher(form(key))
  return Number(process.hrtime.bigint() - startedAt)
}

const newCipher = (key: CipherKey) => createCipheriv("aes-256-gcm", key, new Uint8Array(12), CIPHER_OPTIONS)
