// Private keys as people store them, made readable for ssh2, which knows OpenSSH's format and the older PEM formats only.
import { createPrivateKey, type KeyObject } from "node:crypto"
import { Redacted } from "effect"
import ssh2 from "ssh2"
import { openSshPrivateKey } from "./openssh-key.ts"

/** A private key, or why it cannot be used and what to do. */
export type PrivateKey = { readonly key: ssh2.ParsedKey } | { readonly problem: string }

const PUBLIC_KEY = /^(ssh-|ecdsa-|sk-)\S+ AAAA|BEGIN (RSA )?PUBLIC KEY|BEGIN SSH2 PUBLIC KEY/
const PRIVATE_KEY = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----|^PuTTY-User-Key-File-/
const PKCS8 = /BEGIN (ENCRYPTED )?PRIVATE KEY/

const ENCRYPTED =
  "the private key is encrypted with a passphrase. Store the passphrase as another secret, and name that for the target (--passphrase)."
const WRONG_PASSPHRASE = "the passphrase of the target does not open the private key."
const UNREADABLE = "the private key cannot be read. Store it complete, as OpenSSH or PEM text: Ed25519, ECDSA or RSA."
const HARDWARE = "the private key belongs to a security key, which is not supported. Use an Ed25519, ECDSA or RSA key."
const CERTIFICATE_ALONE =
  "it is a certificate. Store the private key together with it, in one secret: cat id_ed25519 id_ed25519-cert.pub."
const PUBLIC = "it is a public key. Store the private key that belongs to it."

/** The line of a certificate that stands before or behind the private key. */
const CERTIFICATE = /^\S+-cert-v01@openssh\.com [A-Za-z0-9+/=]+.*$/m

/** The certificate that is stored together with a private key. */
export const certificateLineIn = (text: string): string | undefined => CERTIFICATE.exec(text)?.[0]

/** Does the secret look like a key, so that it must not be sent as a password? */
export const isKeyText = (text: string): boolean => PRIVATE_KEY.test(text) || PUBLIC_KEY.test(text)

/** Reads a private key in OpenSSH, PEM (PKCS#1, SEC1, PKCS#8) or PuTTY format, leaving out a certificate beside it, opened with the passphrase where it is encrypted. */
export const readPrivateKey = (stored: string, passphrase?: Redacted.Redacted): PrivateKey => {
  const text = stored.replace(CERTIFICATE, "").trim()
  if (text === "") return { problem: CERTIFICATE_ALONE }
  if (PUBLIC_KEY.test(text)) return { problem: PUBLIC }
  const opening = passphrase === undefined ? undefined : Redacted.value(passphrase)
  const parsed = PKCS8.test(text) ? parsePkcs8(text, opening) : ssh2.utils.parseKey(text, opening)
  // ssh2's declared type leaves out that a file may hold several keys; OpenSSH writes one.
  const key: ssh2.ParsedKey | Error | undefined = Array.isArray(parsed) ? parsed[0] : parsed
  if (key === undefined || key instanceof Error) return { problem: problemOf(key, opening !== undefined) }
  return key.isPrivateKey() ? { key } : { problem: PUBLIC }
}

const problemOf = (error: Error | undefined, isPassphraseGiven: boolean): string => {
  if (error === undefined) return UNREADABLE
  if (/sk-|Unsupported OpenSSH private key type/.test(error.message)) return HARDWARE
  // What a wrong passphrase decrypts is no key: its check numbers differ, or its DER does not read.
  if (isPassphraseGiven && /integrity|bad (passphrase|decrypt)|malformed|wrong/i.test(error.message))
    return WRONG_PASSPHRASE
  return /encrypted|passphrase/i.test(error.message) ? ENCRYPTED : UNREADABLE
}

const parsePkcs8 = (text: string, passphrase: string | undefined) => {
  const pem = fromPkcs8(text, passphrase)
  return pem instanceof Error ? pem : ssh2.utils.parseKey(pem)
}

const fromPkcs8 = (text: string, passphrase: string | undefined): string | Error => {
  try {
    const key = createPrivateKey({ key: text, ...(passphrase === undefined ? {} : { passphrase }) })
    return key.asymmetricKeyType === "ed25519" ? openSshPrivateKey(key) : olderPem(key)
  } catch (error) {
    if (!text.includes("BEGIN ENCRYPTED")) return new Error("unreadable")
    const isWrong = passphrase !== undefined && error instanceof Error
    return new Error(isWrong ? "wrong passphrase" : "encrypted")
  }
}

const olderPem = (key: KeyObject): string =>
  key.export({ type: key.asymmetricKeyType === "rsa" ? "pkcs1" : "sec1", format: "pem" }).toString()
