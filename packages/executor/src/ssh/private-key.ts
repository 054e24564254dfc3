// Private keys as people store them, made readable for ssh2, which knows OpenSSH's format and the older PEM formats only.
import { createPrivateKey } from "node:crypto"
import ssh2 from "ssh2"
import { openSshPrivateKey } from "./openssh-key.ts"

/** A private key, or why it cannot be used and what to do. */
export type PrivateKey = { readonly key: ssh2.ParsedKey } | { readonly problem: string }

const PUBLIC_KEY = /^(ssh-|ecdsa-|sk-)\S+ AAAA|BEGIN (RSA )?PUBLIC KEY|BEGIN SSH2 PUBLIC KEY/
const PRIVATE_KEY = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----|^PuTTY-User-Key-File-/

const ENCRYPTED =
  "the private key is encrypted with a passphrase. Remove the passphrase from a copy (ssh-keygen -p -N '' -f COPY), and store that: it is sealed here."
const UNREADABLE = "the private key cannot be read. Store it complete, as OpenSSH or PEM text: Ed25519, ECDSA or RSA."
const HARDWARE = "the private key belongs to a security key, which is not supported. Use an Ed25519, ECDSA or RSA key."
const PUBLIC = "it is a public key. Store the private key that belongs to it."

/** Does the secret look like a key, so that it must not be sent as a password? */
export const isKeyText = (text: string): boolean => PRIVATE_KEY.test(text) || PUBLIC_KEY.test(text)

/** Reads a private key in OpenSSH, PEM (PKCS#1, SEC1, PKCS#8) or PuTTY format. */
export const readPrivateKey = (text: string): PrivateKey => {
  if (PUBLIC_KEY.test(text)) return { problem: PUBLIC }
  if (text.includes("BEGIN ENCRYPTED PRIVATE KEY")) return { problem: ENCRYPTED }
  const parsed = ssh2.utils.parseKey(text.includes("BEGIN PRIVATE KEY") ? fromPkcs8(text) : text)
  // ssh2's declared type leaves out that a file may hold several keys; OpenSSH writes one.
  const key: ssh2.ParsedKey | Error | undefined = Array.isArray(parsed) ? parsed[0] : parsed
  if (key === undefined || key instanceof Error) return { problem: problemOf(key) }
  return key.isPrivateKey() ? { key } : { problem: PUBLIC }
}

const problemOf = (error: Error | undefined): string => {
  if (error !== undefined && /encrypted|passphrase/i.test(error.message)) return ENCRYPTED
  return error !== undefined && /sk-|Unsupported OpenSSH private key type/.test(error.message) ? HARDWARE : UNREADABLE
}

const fromPkcs8 = (text: string): string => {
  try {
    const key = createPrivateKey(text)
    if (key.asymmetricKeyType === "ed25519") return openSshPrivateKey(key)
    const type = key.asymmetricKeyType === "rsa" ? "pkcs1" : "sec1"
    return key.export({ type, format: "pem" }).toString()
  } catch {
    return ""
  }
}
